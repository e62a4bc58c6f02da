//! `amps create-user` and `amps create-superuser`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome, Printable};
use amps_core::{
    Clock as _, SystemClock,
    accounts::{NewUser, UserName, Users as _},
};
use clap::Args;

use super::{
    catalog::{Catalog, failure},
    new_password::NewPassword,
};

/// Add a user, who may log in and download.
#[derive(Args)]
pub(crate) struct CreateUser {
    #[command(flatten)]
    user: User,
}

/// Add an administrator: a user who may do everything.
#[derive(Args)]
pub(crate) struct CreateSuperuser {
    #[command(flatten)]
    user: User,
}

#[derive(Args)]
struct User {
    #[command(flatten)]
    catalog: Catalog,

    /// The name to log in with: letters, digits and `@`, `.`, `+`, `-`, `_`
    #[arg(long, value_name = "NAME")]
    username: UserName,

    #[command(flatten)]
    password: NewPassword,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum May {
    Download,
    Upload,
}

impl CreateUser {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        self.user.create(May::Download)
    }
}

impl CreateSuperuser {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        self.user.create(May::Upload)
    }
}

impl User {
    fn create(self, may: May) -> Result<Outcome, Failure> {
        let catalog = self.catalog.open_or_create()?;
        let user = NewUser {
            password: self.password.hash()?,
            name: self.username,
            is_active: true,
            is_staff: may == May::Upload,
        };
        catalog.create_user(&user, SystemClock.now()).map_err(failure)?;
        let mut out = amps_cli::stdout();
        let what = if may == May::Upload { "a user who may upload" } else { "a user" };
        writeln!(out, "{} is {what} now", Printable(user.name.as_str()))?;
        Ok(Outcome::Done)
    }
}
