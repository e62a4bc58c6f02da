//! What the folder says of itself.

use super::DEVELOPMENT_PASSWORD;

pub(super) const NAME: &str = "README.md";

/// The text; says the password only if it is the one that everybody knows.
pub(super) fn text(has_known_password: bool) -> String {
    let (password, variables) = if has_known_password {
        let variables = format!(
            "    export AMPS_SIGN_PASSWORD={DEVELOPMENT_PASSWORD} AMPS_STORE_SIGN_PASSWORD={DEVELOPMENT_PASSWORD}\n"
        );
        (format!("`{DEVELOPMENT_PASSWORD}`"), variables)
    } else {
        let variables = "    read -rs AMPS_SIGN_PASSWORD\n    \
                         export AMPS_SIGN_PASSWORD AMPS_STORE_SIGN_PASSWORD=\"$AMPS_SIGN_PASSWORD\"\n";
        ("the one that was given when they were made".to_owned(), variables.to_owned())
    };
    HEAD.replace("PASSWORD", &password) + variables.as_str() + COMMANDS
}

const HEAD: &str = "\
# Development PKI: NOT FOR PRODUCTION

Keys and certificates to try things out with, made by `amps-packager create-pki`. Nothing here protects anything: the keys of the
authorities lie beside all others, and all have one password. Never install `ca.crt` where it counts.

| file | what |
|---|---|
| `ca.crt` `ca.p12` | the root |
| `devca.crt` `devca.p12` | issued by the root: issues the developers' certificates |
| `chain.crt` | `devca.crt` and `ca.crt` in one file |
| `dev1.crt` `dev1.p12` | a developer |
| `dev2.crt` `dev2.p12` | another one |
| `dev-ec.crt` `dev-ec.p12` | a developer whose key is on the curve P-256; all others but the next have RSA 2048 |
| `dev-revoked.crt` `dev-revoked.p12` | a developer, P-256, whom `devca.crl` revokes |
| `store.crt` `store.p12` | the store, issued by the root |
| `ca.crl` `devca.crl` | the revocation lists of both authorities |

The password of every `.p12` is PASSWORD. Everything is valid for ten years.

## How to use it

In this folder:

";

const COMMANDS: &str = "
A server that takes packages of these developers only, and signs every download for its device:

    amps serve --dd data --sc store.p12 --dc chain.crt --developer-verification-crl ca.crl --developer-verification-crl devca.crl

Sign a package as a developer, and verify that:

    amps-packager dev-sign-package hello.ampkg hello-signed.ampkg dev1.p12 ''
    amps-packager dev-verify-package hello-signed.ampkg chain.crt

Sign it as the store for one device, and verify that:

    amps-packager store-sign-package hello-signed.ampkg hello-device.ampkg store.p12 '' device-0815
    amps-packager store-verify-package hello-device.ampkg ca.crt device-0815
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_somebody_chose_is_not_said() {
        assert!(text(true).contains("The password of every `.p12` is `password`."));
        let chosen = text(false);
        assert!(chosen.contains("The password of every `.p12` is the one that was given"));
        assert!(!chosen.contains("SIGN_PASSWORD=password") && !chosen.contains("`password`"));
    }
}
