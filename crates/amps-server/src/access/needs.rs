//! What a route needs of whoever asks.

use amps_core::accounts::Role;

/// What a route needs of whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing; but whoever shows a token shows a right one.
    Nothing,
    /// A role, for the packages that it is about.
    Role(Role),
    /// What the route itself looks at.
    OwnRule,
}

/// States what a route needs, in the type of its handler.
pub(crate) trait Statement: Send + Sync + 'static {
    const NEEDS: Needs;
}

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident $needs:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl Statement for $name {
            const NEEDS: Needs = $needs;
        }
    )*};
}

statements! {
    /// [`Needs::Nothing`].
    Nothing Needs::Nothing;
    /// The role `read`.
    ToRead Needs::Role(Role::Read);
    /// The role `upload`.
    ToUpload Needs::Role(Role::Upload);
    /// The role `remove`.
    ToRemove Needs::Role(Role::Remove);
    /// The role `admin`, for all packages.
    ToAdmin Needs::Role(Role::Admin);
    /// [`Needs::OwnRule`].
    OwnRule Needs::OwnRule;
}
