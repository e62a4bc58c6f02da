//! An upgrade from the package of an earlier version: what that one has written is still there, and holds.

use crate::dist::check::{DATA, Debian, expect, step};
use crate::error::Error;
use std::path::Path;

const USER: &str = "alice";
const TOKEN: &str = "build-machine";

/// `setpriv --reuid=amps …`: as the service's user, whose files must stay its own.
const AS_SERVICE_USER: &[&str] = &["setpriv", "--reuid=amps", "--regid=amps", "--init-groups"];

/// Fills a store with the programs of `previous`, then upgrades to `package`.
pub(super) fn upgrade(debian: &Debian, previous: &Path, package: &Path) -> Result<(), Error> {
    step("upgrade from an earlier version");
    let chroot = &debian.chroot;
    chroot.run(&["dpkg", "--purge", "amps"])?;
    chroot.run(&["rm", "--recursive", DATA])?;
    chroot.install(previous)?;
    let server = debian.start()?;
    server.upload(&debian.package)?;
    server.stop()?;
    let before = filled(debian)?;
    println!("  filled by {}", before.version);
    chroot.install(package)?;
    let after = written(debian)?;
    expect(before.version != after.version, &format!("{} is the same version", before.version))?;
    expect(before.users == after.users, &format!("users: before {}, after {}", before.users, after.users))?;
    expect(after.tokens.contains(TOKEN), &format!("the token is gone: {}", after.tokens))?;
    debian.serves_what_was_uploaded()?;
    for command in [["check"].as_slice(), &["audit", "verify"]] {
        amps(debian, command)?;
    }
    println!("  kept by {}", after.version);
    Ok(())
}

/// What a store has besides its packages.
struct Written {
    version: String,
    users: String,
    tokens: String,
}

fn filled(debian: &Debian) -> Result<Written, Error> {
    let create_user = format!(
        "echo correct horse battery | amps create-user --dd {DATA} --username {USER} --password-stdin"
    );
    debian.chroot.run(&[AS_SERVICE_USER, &["sh", "-c", &create_user]].concat())?;
    amps(debian, &["token", "create", "--role", "upload", "--name", TOKEN])?;
    written(debian)
}

fn written(debian: &Debian) -> Result<Written, Error> {
    let version = debian.chroot.output(&["dpkg-query", "--show", "--showformat=${Version}", "amps"])?;
    let users = amps(debian, &["list-users"])?;
    expect(users.contains(USER), &format!("the user is not there: {users}"))?;
    Ok(Written { version, users, tokens: amps(debian, &["token", "list"])? })
}

/// Runs the installed program, as its user, on its data directory; what it prints.
fn amps(debian: &Debian, arguments: &[&str]) -> Result<String, Error> {
    let command = [AS_SERVICE_USER, &["/usr/bin/amps"], arguments, &["--dd", DATA]].concat();
    debian.chroot.output(&command)
}
