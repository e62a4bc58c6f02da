//! `amps token create`.

use std::io::Write as _;

use amps_cli::{Failure, Outcome};
use amps_core::{
    Clock as _, SystemClock, Timestamp,
    accounts::{
        AccessTokens as _, ApiToken, MAX_QUOTA, NewAccessToken, PackagePattern, PackageScope, Quotas, Role,
        Roles, TokenName,
    },
};
use clap::Args;
use serde_json::json;

use crate::accounts::catalog::{Catalog, failure};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Make a token. It is shown this once: only its hash is kept.
#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    catalog: Catalog,

    /// What its owner may do: `read`, `upload` (and read), `remove` (and read) or `admin` (everything); may be repeated
    #[arg(long = "role", value_name = "ROLE", required = true)]
    roles: Vec<Role>,

    /// What it is called; no two tokens have the same name, also when one is revoked
    #[arg(long, value_name = "NAME")]
    name: TokenName,

    /// The packages that it is for, as a pattern of ids, in which `*` stands for any characters and `?` for one; may be repeated
    /// [default: all packages]
    #[arg(long, value_name = "GLOB")]
    packages: Vec<PackagePattern>,

    /// After how many days it opens nothing any more [default: never]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=36_500))]
    expires: Option<i64>,

    /// How many uploads may be begun with it in a day, in UTC, whatever becomes of them [default: no limit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_QUOTA))]
    uploads_per_day: Option<u64>,

    /// How many bytes these may have together [default: no limit]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..=MAX_QUOTA))]
    bytes_per_day: Option<u64>,

    /// Print an object in JSON
    #[arg(long)]
    json: bool,
}

impl Create {
    pub(crate) fn run(self) -> Result<Outcome, Failure> {
        let now = SystemClock.now();
        let scope = PackageScope::new(self.packages)
            .map_err(|error| Failure::from(error).with_outcome(Outcome::No))?;
        let Some(roles) = self
            .roles
            .split_first()
            .map(|(first, rest)| rest.iter().fold(Roles::from(*first), |roles, role| roles.with(*role)))
        else {
            return Err(Failure::message("there is no role").with_outcome(Outcome::No));
        };
        let expires_at = self.expires.map(|days| Timestamp(now.0.saturating_add(days * DAY_SECONDS)));
        let quotas = Quotas { uploads_per_day: self.uploads_per_day, bytes_per_day: self.bytes_per_day };
        let new = NewAccessToken { name: self.name, roles, scope, quotas, expires_at };
        let catalog = self.catalog.open_or_create()?;
        let token = ApiToken::generate().map_err(failure)?;
        catalog.create_access_token(&token.hash(), &new, now).map_err(failure)?;
        let mut out = amps_cli::stdout();
        if self.json {
            let object = json!({
                "name": new.name.as_str(),
                "token": token.reveal(),
                "roles": new.roles.iter().map(Role::as_str).collect::<Vec<_>>(),
                "packages": new.scope.patterns().iter().map(PackagePattern::as_str).collect::<Vec<_>>(),
                "uploadsPerDay": quotas.uploads_per_day,
                "bytesPerDay": quotas.bytes_per_day,
                "expiresAt": new.expires_at.map(|time| time.to_string()),
            });
            writeln!(out, "{object}")?;
        } else {
            writeln!(out, "{}", token.reveal())?;
        }
        Ok(Outcome::Done)
    }
}
