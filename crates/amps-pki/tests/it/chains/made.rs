//! The certificates and revocation lists that the chains are made of.

use crate::authority::{Authority, Issue};
use crate::openssl::OpenSsl;

const ALWAYS: (&str, &str) = ("20260101000000Z", "20991231235959Z");
const PAST: (&str, &str) = ("20260101000000Z", "20300531235959Z");
const FUTURE: (&str, &str) = ("20300601000001Z", "20991231235959Z");

pub(super) const CA: &str = "basicConstraints = critical, CA:true\nkeyUsage = critical, keyCertSign, cRLSign\n\
    subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid";
pub(super) const SIGNER: &str = "basicConstraints = CA:false\nkeyUsage = digitalSignature\n\
    subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid";

/// What is issued unless a line says otherwise.
pub(super) fn issue<'a>(
    name: &'a str,
    issuer: &'a str,
    key: &'a str,
    issuer_key: &'a str,
    extensions: &'a str,
) -> Issue<'a> {
    Issue { name, subject: "", key, issuer, issuer_key, extensions, validity: ALWAYS, options: "" }
}

/// Everything that the cases are made of.
pub(super) fn make() -> Authority {
    let lab = Lab { authority: Authority::new() };
    chains(&lab);
    algorithms(&lab);
    times(&lab);
    authorities(&lab);
    signers(&lab);
    names(&lab);
    cross_signed(&lab);
    revocation(&lab);
    damage(&lab.authority.openssl, "leaf", "damaged-leaf");
    damage(&lab.authority.openssl, "root", "damaged-root");
    lab.authority
}

struct Lab {
    authority: Authority,
}

impl Lab {
    /// Issues a certificate; without a subject it gets one from its name.
    fn issue(&self, subject: &str, issue: Issue<'_>) {
        let subject = if subject.is_empty() { format!("/CN={}", issue.name) } else { subject.to_owned() };
        self.authority.issue(&Issue { subject: &subject, ..issue });
    }

    fn ca(&self, name: &str, issuer: &str, key: &str, issuer_key: &str, extensions: &str) {
        self.issue("", issue(name, issuer, key, issuer_key, extensions));
    }
}

/// Roots, the usual intermediate, and signers.
fn chains(lab: &Lab) {
    lab.ca("root", "root", "P-256-root", "P-256-root", CA);
    lab.ca("sub", "root", "P-256-sub", "P-256-root", CA);
    lab.ca("leaf", "sub", "P-256-leaf", "P-256-sub", SIGNER);
    lab.ca("direct", "root", "P-256-leaf", "P-256-root", SIGNER);
    lab.ca("other-root", "other-root", "P-256-other", "P-256-other", CA);
}

/// Kinds of keys, sizes, digests.
fn algorithms(lab: &Lab) {
    lab.ca("rsa-root", "rsa-root", "rsa2048-root", "rsa2048-root", CA);
    lab.ca("rsa-leaf", "rsa-root", "rsa3072-leaf", "rsa2048-root", SIGNER);
    lab.ca("ed-root", "ed-root", "ed25519-root", "ed25519-root", CA);
    lab.ca("ed-leaf", "ed-root", "ed25519-leaf", "ed25519-root", SIGNER);
    lab.ca("p384-root", "p384-root", "P-384-root", "P-384-root", CA);
    lab.ca("p521-leaf", "p384-root", "P-521-leaf", "P-384-root", SIGNER);
    lab.ca("k1-leaf", "root", "secp256k1-leaf", "P-256-root", SIGNER);
    lab.ca("small-root", "small-root", "rsa1024-root", "rsa1024-root", CA);
    lab.ca("small-root-leaf", "small-root", "P-256-leaf", "rsa1024-root", SIGNER);
    lab.ca("small-leaf", "root", "rsa1024-leaf", "P-256-root", SIGNER);
    for (name, key, options) in [
        ("pss-leaf", "rsa2048-root", "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1"),
        ("sha512-leaf", "rsa2048-root", "-md sha512"),
        ("sha1-leaf", "rsa2048-root", "-md sha1"),
        ("md5-leaf", "rsa2048-root", "-md md5"),
    ] {
        lab.issue("", Issue { options, ..issue(name, "rsa-root", "P-256-leaf", key, SIGNER) });
    }
    lab.issue(
        "",
        Issue { options: "-md sha1", ..issue("sha1-root", "sha1-root", "P-256-sha1", "P-256-sha1", CA) },
    );
    lab.ca("sha1-root-leaf", "sha1-root", "P-256-leaf", "P-256-sha1", SIGNER);
}

/// Certificates that are over, and such that have not begun.
fn times(lab: &Lab) {
    for (name, validity) in [("past", PAST), ("future", FUTURE)] {
        let [leaf, sub, sub_leaf, root, root_leaf] =
            ["-leaf", "-sub", "-sub-leaf", "-root", "-root-leaf"].map(|end| format!("{name}{end}"));
        lab.issue("", Issue { validity, ..issue(&leaf, "sub", "P-256-leaf", "P-256-sub", SIGNER) });
        lab.issue("", Issue { validity, ..issue(&sub, "root", "P-256-b", "P-256-root", CA) });
        lab.ca(&sub_leaf, &sub, "P-256-leaf", "P-256-b", SIGNER);
        lab.issue("", Issue { validity, ..issue(&root, &root, "P-256-c", "P-256-c", CA) });
        lab.ca(&root_leaf, &root, "P-256-leaf", "P-256-c", SIGNER);
    }
}

/// Rights of authorities: an intermediate with these extensions, and a signer below it.
fn authorities(lab: &Lab) {
    let keys = "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid";
    for (name, extensions) in [
        ("nosign", &*format!("basicConstraints = critical, CA:true\nkeyUsage = cRLSign\n{keys}")),
        ("notca", &format!("basicConstraints = CA:false\nkeyUsage = keyCertSign\n{keys}")),
        ("noconstraints", &format!("keyUsage = keyCertSign\n{keys}")),
        ("nousage", &format!("basicConstraints = CA:true\n{keys}")),
        ("tls", &ca_with("extendedKeyUsage = serverAuth")),
        ("email", &ca_with("extendedKeyUsage = emailProtection")),
        (
            "path0",
            &ca_with("basicConstraints = critical, CA:true, pathlen:0").replacen(
                "basicConstraints = critical, CA:true\n",
                "",
                1,
            ),
        ),
        ("unknown", &ca_with("1.2.3.4 = critical, ASN1:UTF8String:x")),
        (
            "constrained",
            &ca_with("nameConstraints = critical, permitted;dirName:permitted\n[permitted]\nO = Example"),
        ),
        ("nocrl", &format!("basicConstraints = critical, CA:true\nkeyUsage = keyCertSign\n{keys}")),
    ] {
        lab.ca(name, "root", "P-256-sub", "P-256-root", extensions);
        lab.ca(&format!("{name}-leaf"), name, "P-256-leaf", "P-256-sub", SIGNER);
    }
    lab.issue("/O=Example/CN=inside", issue("inside", "constrained", "P-256-leaf", "P-256-sub", SIGNER));
    lab.ca("path0-sub", "path0", "P-256-b", "P-256-sub", CA);
    lab.ca("path0-sub-leaf", "path0-sub", "P-256-leaf", "P-256-b", SIGNER);
    lab.issue("/CN=path0", issue("path0-renewed", "path0", "P-256-c", "P-256-sub", CA));
    lab.issue(
        "/CN=path0-renewed-leaf",
        issue("path0-renewed-leaf", "path0-renewed", "P-256-leaf", "P-256-c", SIGNER),
    );
    lab.ca("old-root", "old-root", "P-256-old", "P-256-old", "");
    lab.ca("old-root-leaf", "old-root", "P-256-leaf", "P-256-old", "keyUsage = digitalSignature");
}

/// Rights of signers.
fn signers(lab: &Lab) {
    let usage = |usage: &str| SIGNER.replace("digitalSignature", usage);
    for (name, extensions) in [
        ("encipher", &*usage("keyEncipherment")),
        ("repudiate", &usage("nonRepudiation")),
        ("no-extensions", "subjectKeyIdentifier = hash"),
        ("version1", ""),
        ("for-tls", &signer_with("extendedKeyUsage = serverAuth")),
        ("for-email", &signer_with("extendedKeyUsage = serverAuth, emailProtection")),
        ("for-code", &signer_with("extendedKeyUsage = codeSigning")),
        ("for-any", &signer_with("extendedKeyUsage = anyExtendedKeyUsage")),
        ("critical", &signer_with("1.2.3.4 = critical, ASN1:UTF8String:x")),
        ("uncritical", &signer_with("1.2.3.4 = ASN1:UTF8String:x")),
        ("policies", &signer_with("certificatePolicies = critical, 1.2.3.4")),
    ] {
        lab.ca(name, "sub", "P-256-leaf", "P-256-sub", extensions);
    }
    lab.ca("own", "own", "P-256-own", "P-256-own", SIGNER);
    lab.ca("own-ca", "own-ca", "P-256-own", "P-256-own", CA);
}

/// Names and keys that do not go together as usual.
fn names(lab: &Lab) {
    lab.issue("/CN=root", issue("same-name", "same-name", "P-256-twin", "P-256-twin", CA));
    let no_keys = "subjectKeyIdentifier = none\nauthorityKeyIdentifier = none";
    let without_keys = &format!("basicConstraints = CA:true\nkeyUsage = keyCertSign, cRLSign\n{no_keys}");
    lab.issue("/CN=twin", issue("twin-a", "twin-a", "P-256-twin", "P-256-twin", without_keys));
    lab.issue("/CN=twin", issue("twin-b", "twin-b", "P-256-other", "P-256-other", without_keys));
    lab.ca(
        "twin-leaf",
        "twin-b",
        "P-256-leaf",
        "P-256-other",
        &format!("keyUsage = digitalSignature\n{no_keys}"),
    );
    lab.issue("/CN=MiXed   Case", issue("mixed", "mixed", "P-256-mixed", "P-256-mixed", without_keys));
    lab.issue(
        "/CN=mixed case",
        issue("mixed-lower", "mixed-lower", "P-256-mixed", "P-256-mixed", without_keys),
    );
    lab.ca(
        "mixed-leaf",
        "mixed",
        "P-256-leaf",
        "P-256-mixed",
        &format!("keyUsage = digitalSignature\n{no_keys}"),
    );
}

/// `sub` again, by another root; and two that certify each other, under no root.
fn cross_signed(lab: &Lab) {
    lab.issue("/CN=sub", issue("cross", "other-root", "P-256-sub", "P-256-other", CA));
    lab.issue(
        "/CN=sub",
        Issue { validity: PAST, ..issue("cross-past", "root", "P-256-sub", "P-256-root", CA) },
    );
    lab.ca("a", "a", "P-256-a", "P-256-a", CA);
    lab.issue("/CN=b", issue("b-by-a", "a", "P-256-b", "P-256-a", CA));
    lab.issue("/CN=a", issue("a-by-b", "b-by-a", "P-256-a", "P-256-b", CA));
    lab.ca("loop-leaf", "b-by-a", "P-256-leaf", "P-256-b", SIGNER);
}

/// Revocation lists.
fn revocation(lab: &Lab) {
    lab.authority.revoke("root", ("root", "P-256-root"), &[], ALWAYS, "");
    lab.authority.revoke("root-revokes-sub", ("root", "P-256-root"), &["sub"], ALWAYS, "");
    lab.authority.revoke("sub", ("sub", "P-256-sub"), &["for-tls"], ALWAYS, "");
    lab.authority.revoke("sub-revokes", ("sub", "P-256-sub"), &["policies", "leaf"], ALWAYS, "");
    lab.authority.revoke("sub-past", ("sub", "P-256-sub"), &[], PAST, "");
    lab.authority.revoke("sub-future", ("sub", "P-256-sub"), &[], FUTURE, "");
    lab.issue("/CN=sub", issue("sub-twin", "sub-twin", "P-256-twin", "P-256-twin", CA));
    lab.authority.revoke("sub-forged", ("sub-twin", "P-256-twin"), &[], ALWAYS, "");
    lab.authority.revoke("sub-numbered", ("sub", "P-256-sub"), &[], ALWAYS, "authorityKeyIdentifier = keyid");
    let partial = "issuingDistributionPoint = critical, @part\n[part]\nonlyuser = TRUE";
    lab.authority.revoke("sub-partial", ("sub", "P-256-sub"), &[], ALWAYS, partial);
    lab.authority.revoke("nocrl", ("nocrl", "P-256-sub"), &[], ALWAYS, "");
}

fn ca_with(extra: &str) -> String {
    format!("{CA}\n{extra}")
}

fn signer_with(extra: &str) -> String {
    format!("{SIGNER}\n{extra}")
}

/// Copies a certificate with the last byte of its signature changed.
fn damage(openssl: &OpenSsl, from: &str, to: &str) {
    openssl.run(&format!("x509 -in {from}.crt -outform DER -out der"));
    let mut der = openssl.read("der");
    *der.last_mut().unwrap() ^= 1;
    openssl.write("der", der);
    openssl.run(&format!("x509 -inform DER -in der -out {to}.crt"));
}
