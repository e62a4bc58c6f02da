//! Who gives a command.

use std::fs;

use amps_core::audit::Actor;

/// Bytes of the system's list of users that are read; it has one line for each.
const MAX_LIST_BYTES: u64 = 16 * 1024 * 1024;

/// The user of the operating system that this process runs as. Not what the environment says: anybody can set that.
pub(crate) fn operator() -> Actor {
    let uid = rustix::process::getuid().as_raw();
    let list = fs::metadata("/etc/passwd").ok().filter(|list| list.len() <= MAX_LIST_BYTES);
    let list = list.and_then(|_| fs::read_to_string("/etc/passwd").ok()).unwrap_or_default();
    Actor::System { uid, name: name(&list, uid).map(str::to_owned) }
}

/// The name of a user in the list (passwd(5)).
fn name(list: &str, uid: u32) -> Option<&str> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, found) = (fields.next()?, fields.nth(1)?);
        (found.parse() == Ok(uid) && !name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_the_name_that_the_system_knows() {
        let list =
            "root:x:0:0:root:/root:/bin/sh\nbroken\n:x:7:7::/:\namps:x:998:998::/srv/amps:/bin/false\n";
        assert_eq!(name(list, 0), Some("root"));
        assert_eq!(name(list, 998), Some("amps"));
        assert_eq!((name(list, 7), name(list, 1), name("", 0)), (None, None, None));
    }
}
