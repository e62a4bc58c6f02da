//! `amps set-user`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome, Printable};
use amps_core::accounts::{UserChange, UserName, Users as _};
use clap::{ArgGroup, Args, ValueEnum};

use super::{
    catalog::{Catalog, failure},
    staff::Staff,
};

/// Say what a user may: log in, upload. Who may not log in any more loses their sessions and purchases at once.
#[derive(Args)]
#[command(group(ArgGroup::new("change").args(["active", "staff"]).required(true).multiple(true)))]
pub(crate) struct SetUser {
    #[command(flatten)]
    catalog: Catalog,

    /// The name of the user
    #[arg(long, value_name = "NAME")]
    username: UserName,

    /// Whether they may log in
    #[arg(long, value_enum)]
    active: Option<Answer>,

    /// Whether they are an administrator, who may do everything
    #[arg(long, value_enum)]
    staff: Option<Answer>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Answer {
    Yes,
    No,
}

impl SetUser {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let catalog = self.catalog.open()?;
        let staff = Staff::note(&catalog)?;
        let is_yes = |answer: Option<Answer>| answer.map(|answer| answer == Answer::Yes);
        let change = UserChange { is_active: is_yes(self.active), is_staff: is_yes(self.staff) };
        catalog.change_user(&self.username, &change).map_err(failure)?;
        writeln!(amps_cli::stdout(), "{} is changed", Printable(self.username.as_str()))?;
        staff.warn_of_last(&catalog, &self.username)?;
        Ok(Outcome::Done)
    }
}
