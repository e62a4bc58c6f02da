//! Chains of certificates, judged by us and by `openssl verify`.
//!
//! openssl is asked with the options that come closest to our rules: `-x509_strict` is not one of them (it wants
//! extensions that the certificates of the reference's own script lack), `-check_ss_sig` (the signature of the
//! root is checked), `-auth_level 2` (no SHA-1, no RSA below 2048 bits), `-purpose smimesign` (key usage and
//! emailProtection) or, where an extended key usage is for code signing, `-purpose any`.
//!
//! Where we differ on purpose, the case says [`Differs`] or [`Finds`] and why.

mod made;

use std::fmt::Write;

use amps_pki::{CertificateSet, ChainError, RevocationLists, SignerKeyUsage, Timestamp, TrustAnchors};

use self::made::{CA, SIGNER, issue, make};
use crate::authority::{Authority, Issue};
use crate::openssl::OpenSsl;

/// 1 June 2030.
const NOW: u64 = 1_906_502_400;

/// What should come out.
#[derive(Clone, Copy)]
enum Expected {
    /// We and openssl accept.
    Good,
    /// We and openssl refuse; ours is named like this variant.
    Bad(&'static str),
    /// We are stricter on purpose: openssl accepts, we refuse.
    Differs(&'static str),
    /// We find a chain that openssl does not: it takes the first certificate that seems to fit, and never
    /// goes back. In another order of the same CA certificates it finds it, too.
    Finds,
}
use Expected::{Bad, Differs, Finds, Good};

/// Certificate, CA certificates, revocation lists, what should come out.
type Case = (&'static str, &'static str, &'static str, Expected);

const CASES: &[Case] = &[
    ("leaf", "sub root", "", Good),
    ("leaf", "root sub other-root", "", Good),
    ("direct", "root", "", Good),
    // Algorithms.
    ("rsa-leaf", "rsa-root", "", Good),
    ("pss-leaf", "rsa-root", "", Good),
    ("sha512-leaf", "rsa-root", "", Good),
    ("ed-leaf", "ed-root", "", Good),
    ("p521-leaf", "p384-root", "", Good),
    ("sha1-leaf", "rsa-root", "", Bad("Algorithm")),
    ("md5-leaf", "rsa-root", "", Bad("Algorithm")),
    ("small-leaf", "root", "", Bad("Algorithm")),
    ("small-root-leaf", "small-root", "", Bad("Algorithm")),
    // A curve that our specification does not name.
    ("k1-leaf", "root", "", Differs("Algorithm")),
    // openssl looks at the digest of every signature but the root's.
    ("sha1-root-leaf", "sha1-root", "", Differs("Algorithm")),
    // Time.
    ("past-leaf", "sub root", "", Bad("Expired")),
    ("future-leaf", "sub root", "", Bad("NotYetValid")),
    ("past-sub-leaf", "past-sub root", "", Bad("Expired")),
    ("future-sub-leaf", "future-sub root", "", Bad("NotYetValid")),
    ("past-root-leaf", "past-root", "", Bad("Expired")),
    ("future-root-leaf", "future-root", "", Bad("NotYetValid")),
    // Issuers that are not there.
    ("leaf", "root", "", Bad("UnknownIssuer")),
    ("leaf", "sub", "", Bad("UnknownIssuer")),
    ("leaf", "other-root", "", Bad("UnknownIssuer")),
    ("leaf", "sub other-root", "", Bad("UnknownIssuer")),
    ("direct", "sub", "", Bad("UnknownIssuer")),
    // Damaged signatures.
    ("damaged-leaf", "sub root", "", Bad("Signature")),
    ("direct", "damaged-root", "", Bad("Signature")),
    // Rights of authorities.
    ("nosign-leaf", "nosign root", "", Bad("NoCertSign")),
    ("notca-leaf", "notca root", "", Bad("NotCa")),
    ("nousage-leaf", "nousage root", "", Good),
    ("email-leaf", "email root", "", Good),
    ("tls-leaf", "tls root", "", Bad("ExtendedKeyUsage")),
    ("unknown-leaf", "unknown root", "", Bad("Extension")),
    ("path0-leaf", "path0 root", "", Good),
    ("path0-sub-leaf", "path0-sub path0 root", "", Bad("PathLength")),
    // Self-issued certificates do not count (RFC 5280 section 6.1.4 (l)).
    ("path0-renewed-leaf", "path0-renewed path0 root", "", Good),
    ("noconstraints-leaf", "noconstraints root", "", Bad("NotCa")),
    // Not a CA by RFC 5280; openssl without -x509_strict takes a root of version 1.
    ("old-root-leaf", "old-root", "", Differs("NotCa")),
    // Name constraints are not supported: a CA that has them is refused, not trusted with more.
    ("constrained-leaf", "constrained root", "", Bad("Extension")),
    ("inside", "constrained root", "", Differs("Extension")),
    // Rights of signers.
    ("encipher", "sub root", "", Bad("SignerKeyUsage")),
    ("repudiate", "sub root", "", Good),
    ("no-extensions", "sub root", "", Good),
    ("version1", "sub root", "", Good),
    ("for-tls", "sub root", "", Bad("ExtendedKeyUsage")),
    ("for-email", "sub root", "", Good),
    ("for-code", "sub root", "", Good),
    ("for-any", "sub root", "", Good),
    ("critical", "sub root", "", Bad("Extension")),
    ("uncritical", "sub root", "", Good),
    ("policies", "sub root", "", Good),
    // Self-signed signers.
    ("own", "sub root", "", Bad("SelfSigned")),
    ("own", "own", "", Good),
    ("own-ca", "sub root", "", Bad("SignerKeyUsage")),
    // A key for certificates only does not sign packages.
    ("own-ca", "own-ca", "", Bad("SignerKeyUsage")),
    // Names and keys.
    ("direct", "same-name", "", Bad("UnknownIssuer")),
    ("direct", "same-name root", "", Good),
    ("twin-leaf", "twin-a", "", Bad("Signature")),
    ("twin-leaf", "twin-b", "", Good),
    ("twin-leaf", "twin-b twin-a", "", Good),
    ("twin-leaf", "twin-a twin-b", "", Finds),
    ("mixed-leaf", "mixed-lower", "", Good),
    // Cross-signed authorities.
    ("leaf", "cross other-root", "", Good),
    ("leaf", "sub cross root", "", Good),
    ("leaf", "cross sub root", "", Finds),
    ("leaf", "cross-past cross other-root", "", Good),
    ("leaf", "cross-past root", "", Bad("Expired")),
    ("loop-leaf", "b-by-a a-by-b", "", Bad("UnknownIssuer")),
    ("loop-leaf", "b-by-a a a-by-b", "", Good),
    ("loop-leaf", "b-by-a a-by-b a", "", Finds),
    // Revocation.
    ("leaf", "sub root", "root sub", Good),
    ("leaf", "sub root", "root sub-numbered", Good),
    ("leaf", "sub root", "root sub-revokes", Bad("Revoked")),
    ("leaf", "sub root", "root-revokes-sub sub", Bad("Revoked")),
    ("leaf", "sub root", "root", Bad("NoRevocationList")),
    ("leaf", "sub root", "sub", Bad("NoRevocationList")),
    ("leaf", "sub root", "root sub-past", Bad("RevocationListExpired")),
    ("leaf", "sub root", "root sub-past sub", Good),
    ("leaf", "sub root", "root sub-future", Bad("RevocationListNotYetValid")),
    ("leaf", "sub root", "root sub-forged", Bad("RevocationListSignature")),
    ("leaf", "sub root", "root sub-partial", Differs("RevocationListExtension")),
    ("nocrl-leaf", "nocrl root", "root nocrl", Bad("NoCrlSign")),
    ("direct", "root", "root", Good),
];

fn ours(
    openssl: &OpenSsl,
    (leaf, certificates, lists, _): &Case,
    usage: SignerKeyUsage,
) -> Result<usize, ChainError> {
    let mut set = CertificateSet::new();
    for name in certificates.split_whitespace() {
        set.add(&openssl.read(&format!("{name}.crt"))).unwrap();
    }
    let mut revocation = RevocationLists::new();
    for name in lists.split_whitespace() {
        revocation.add(&openssl.read(&format!("{name}.crl"))).unwrap();
    }
    openssl.run(&format!("x509 -in {leaf}.crt -outform DER -out leaf.der"));
    let anchors = TrustAnchors::new(set).with_revocation_lists(revocation).with_signer_key_usage(usage);
    let now = Timestamp::from_unix_seconds(NOW).unwrap();
    anchors.verify_chain(&openssl.read("leaf.der"), now).map(|chain| chain.len())
}

/// What openssl says, and its words.
fn theirs(openssl: &OpenSsl, (leaf, certificates, lists, _): &Case) -> (bool, String) {
    let bundle: Vec<u8> =
        certificates.split_whitespace().flat_map(|name| openssl.read(&format!("{name}.crt"))).collect();
    openssl.write("bundle.crt", bundle);
    // openssl knows no purpose that code signing, or any, is enough for.
    let purpose = if matches!(*leaf, "for-code" | "for-any") { "any" } else { "smimesign" };
    let mut words = format!(
        "verify -no-CApath -no-CAstore -CAfile bundle.crt -attime {NOW} -auth_level 2 -check_ss_sig -purpose {purpose}"
    );
    if !lists.is_empty() {
        words.push_str(" -crl_check_all");
    }
    for name in lists.split_whitespace() {
        write!(words, " -CRLfile {name}.crl").unwrap();
    }
    write!(words, " {leaf}.crt").unwrap();
    let output = openssl.output(&words.split(' ').collect::<Vec<_>>());
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn every_chain_gets_the_verdict_of_openssl() {
    let authority = make();
    let mut wrong = Vec::new();
    for case in CASES {
        let (leaf, certificates, lists, expected) = case;
        let ours = ours(&authority.openssl, case, SignerKeyUsage::Strict);
        let (theirs, words) = theirs(&authority.openssl, case);
        let variant = ours.as_ref().err().map(|error| format!("{error:?}"));
        let variant = variant.as_deref().and_then(|text| text.split(' ').next());
        let fits = match expected {
            Good => variant.is_none() && theirs,
            Bad(name) => variant == Some(name) && !theirs,
            Differs(name) => variant == Some(name) && theirs,
            Finds => variant.is_none() && !theirs,
        };
        if !fits {
            wrong.push(format!(
                "{leaf} under {certificates} with {lists}: we {ours:?}, openssl {theirs} {words}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(CASES.len() > 60);
    with_any_key_usage(&authority.openssl);
    messages_say_which_and_when(&authority.openssl);
}

/// Part of the test above, which has made the certificates.
fn with_any_key_usage(openssl: &OpenSsl) {
    for (leaf, certificates) in
        [("encipher", "sub root"), ("for-tls", "sub root"), ("tls-leaf", "tls root"), ("own-ca", "own-ca")]
    {
        let chain = ours(openssl, &(leaf, certificates, "", Good), SignerKeyUsage::Any);
        assert!(chain.is_ok(), "{leaf}: {chain:?}");
    }
    for (leaf, certificates) in
        [("nosign-leaf", "nosign root"), ("critical", "sub root"), ("past-leaf", "sub root")]
    {
        let chain = ours(openssl, &(leaf, certificates, "", Good), SignerKeyUsage::Any);
        assert!(chain.is_err(), "{leaf}");
    }
}

/// Part of the test above, which has made the certificates.
fn messages_say_which_and_when(openssl: &OpenSsl) {
    for (leaf, certificates, lists, expected) in [
        (
            "past-sub-leaf",
            "past-sub root",
            "",
            "the certificate of `CN=past-sub` was valid until 2030-05-31T23:59:59Z, and it is 2030-06-01T00:00:00Z",
        ),
        (
            "future-leaf",
            "sub root",
            "",
            "the certificate of `CN=future-leaf` is valid from 2030-06-01T00:00:01Z, and it is 2030-06-01T00:00:00Z",
        ),
        (
            "leaf",
            "sub",
            "",
            "the certificate of `CN=sub` was issued by `CN=root`, which is not among the CA certificates",
        ),
        (
            "path0-sub-leaf",
            "path0-sub path0 root",
            "",
            "the CA `CN=path0` allows 0 intermediate certificates below it, found 1",
        ),
        (
            "nosign-leaf",
            "nosign root",
            "",
            "the certificate of `CN=nosign` has the key usage cRLSign, expected keyCertSign",
        ),
        (
            "leaf",
            "sub root",
            "root sub-past",
            "the revocation list of `CN=sub` was to be replaced by 2030-05-31T23:59:59Z, and it is 2030-06-01T00:00:00Z",
        ),
        (
            "leaf",
            "sub root",
            "root",
            "no revocation list of `CN=sub` is given, which issued the certificate of `CN=leaf`",
        ),
    ] {
        let error = ours(openssl, &(leaf, certificates, lists, Good), SignerKeyUsage::Strict).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn many_keys_under_few_names_end_the_search() {
    let authority = Authority::new();
    let keyless = "basicConstraints = CA:true\nsubjectKeyIdentifier = none\nauthorityKeyIdentifier = none";
    let issue = |name: &str, subject: &str, issuer: &str, keys: (&str, &str), extensions: &str| {
        let subject = format!("/CN={subject}");
        authority.issue(&Issue { subject: &subject, ..issue(name, issuer, keys.0, keys.1, extensions) });
    };
    // Three layers of four authorities that all certify each of the next layer, and no root: 4^3 chains.
    issue("start", "layer0", "start", ("P-256-start", "P-256-start"), keyless);
    let mut names = Vec::new();
    let mut above = vec![("start".to_owned(), "P-256-start".to_owned())];
    for layer in 1..=3 {
        let mut here = Vec::new();
        for one in 0..4 {
            let key = format!("P-256-{layer}{one}");
            for (index, (issuer, issuer_key)) in above.iter().enumerate() {
                let name = format!("ca{layer}{one}{index}");
                issue(&name, &format!("layer{layer}"), issuer, (&key, issuer_key), keyless);
                names.push(name);
            }
            here.push((format!("ca{layer}{one}0"), key));
        }
        above = here;
    }
    let (issuer, issuer_key) = &above[0];
    issue("leaf", "leaf", issuer, ("P-256-leaf", issuer_key), "keyUsage = digitalSignature");
    let certificates: &'static str = names.join(" ").leak();
    let error =
        ours(&authority.openssl, &("leaf", certificates, "", Good), SignerKeyUsage::Strict).unwrap_err();
    assert!(matches!(error, ChainError::TooMuchWork { .. }), "{error:?}");
}

#[test]
fn the_length_of_a_chain_is_limited_inclusively() {
    let authority = Authority::new();
    let issue = |name: &str, issuer: &str, keys: (&str, &str), extensions: &str| {
        let subject = format!("/CN={name}");
        authority.issue(&Issue { subject: &subject, ..issue(name, issuer, keys.0, keys.1, extensions) });
    };
    issue("ca0", "ca0", ("P-256-0", "P-256-0"), CA);
    let mut names = vec!["ca0".to_owned()];
    for depth in 1..10 {
        let keys = (format!("P-256-{depth}"), format!("P-256-{}", depth - 1));
        issue(&format!("ca{depth}"), &format!("ca{}", depth - 1), (&keys.0, &keys.1), CA);
        names.push(format!("ca{depth}"));
    }
    issue("ten", "ca8", ("P-256-leaf", "P-256-8"), SIGNER);
    issue("eleven", "ca9", ("P-256-leaf", "P-256-9"), SIGNER);
    let certificates: &'static str = names.join(" ").leak();
    let chain = |leaf| ours(&authority.openssl, &(leaf, certificates, "", Good), SignerKeyUsage::Strict);
    assert_eq!(chain("ten"), Ok(amps_pki::MAX_CHAIN_CERTIFICATES));
    assert!(matches!(chain("eleven"), Err(ChainError::TooLong { .. })));
}
