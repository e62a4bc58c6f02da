//! PKCS#12 files: every kind opens, and what is wrong with one is told apart.

use amps_pki::{
    AlgorithmError, MAX_PKCS12_BYTES, Password, Pkcs12Error, Pkcs12Signer, SignatureInput, Signer, sign,
};

use crate::openssl::{OpenSsl, pki};
use crate::sign::{new_signer, now};

fn open(file: &[u8], password: &str) -> Result<Pkcs12Signer, Pkcs12Error> {
    Pkcs12Signer::open(file, &Password::from(password))
}

fn error(file: &[u8], password: &str) -> Pkcs12Error {
    open(file, password).unwrap_err()
}

#[test]
fn each_defect_has_its_own_error() {
    let file = pki("store.p12");
    for password in ["", "Password", "password ", "pässwörd"] {
        assert_eq!(error(&file, password), Pkcs12Error::WrongPassword, "{password:?}");
    }
    assert_eq!(error(&pki("store-nopassword.p12"), "password"), Pkcs12Error::WrongPassword);
    assert_eq!(error(&pki("store-utf8password.p12"), "passwort"), Pkcs12Error::WrongPassword);
    assert_eq!(error(&pki("store-legacy.p12"), "x"), Pkcs12Error::WrongPassword);
    assert_eq!(error(&pki("store-nokey.p12"), "x"), Pkcs12Error::WrongPassword);
    assert_eq!(error(&pki("store-nokey.p12"), "password"), Pkcs12Error::NoKey);
    for not_pkcs12 in [&b""[..], b"text", &file[..file.len() - 1], &pki("ca.crt")] {
        let error = error(not_pkcs12, "password");
        assert!(matches!(error, Pkcs12Error::Malformed { .. }), "{error:?}");
    }
    let mut longer = file.clone();
    longer.push(0);
    assert!(matches!(error(&longer, "password"), Pkcs12Error::Malformed { .. }));
}

#[test]
fn the_size_limit_is_inclusive() {
    let mut file = pki("store.p12");
    file.resize(MAX_PKCS12_BYTES, 0);
    assert!(matches!(error(&file, "password"), Pkcs12Error::Malformed { .. }));
    file.push(0);
    assert_eq!(error(&file, "password"), Pkcs12Error::TooLarge { size_bytes: MAX_PKCS12_BYTES + 1 });
}

#[test]
fn a_damaged_file_is_not_a_wrong_password() {
    for name in ["store.p12", "store-legacy.p12", "dev-ec.p12"] {
        let file = pki(name);
        let last = file.len() - 1;
        // In the certificates, in the key, and in the check value: sparsely, each costs a few milliseconds.
        for at in (100..last).step_by(41).chain(last - 60..=last) {
            let mut damaged = file.clone();
            damaged[at] ^= 0x01;
            match open(&damaged, "password") {
                Ok(_) => panic!("{name} with byte {at} changed opens"),
                Err(error) => assert_ne!(error, Pkcs12Error::WrongPassword, "{name} at {at}"),
            }
        }
    }
}

/// Files made with `openssl pkcs12 -export`, from a P-256 key and its self-signed certificate.
fn exported(options: &str) -> Vec<u8> {
    let openssl = OpenSsl::new();
    new_signer(&openssl, "EC -pkeyopt ec_paramgen_curve:P-256");
    openssl
        .run(&format!("pkcs12 -export -inkey key -in own.crt -out file.p12 -passout pass:geheim {options}"));
    openssl.read("file.p12")
}

#[test]
fn every_protection_opens() {
    for options in [
        "-legacy",
        "-legacy -certpbe PBE-SHA1-RC2-128 -keypbe PBE-SHA1-RC2-40",
        "-legacy -certpbe PBE-SHA1-2DES -keypbe PBE-SHA1-3DES",
        "-certpbe AES-128-CBC -keypbe AES-192-CBC -macalg sha1",
        "-certpbe DES-EDE3-CBC -keypbe DES-EDE3-CBC -macalg sha384",
        "-certpbe NONE -keypbe NONE -macalg sha512",
        "-certpbe NONE -macalg sha224",
        "-keypbe NONE",
        "-noiter -nomaciter",
        "-iter 10000",
    ] {
        let file = exported(options);
        let signer = open(&file, "geheim").unwrap_or_else(|error| panic!("{options}: {error:?}"));
        sign(&SignatureInput::developer(&[0; 32]), &signer, now()).unwrap();
        // Also where nothing is encrypted that could tell.
        assert_eq!(error(&file, "Geheim"), Pkcs12Error::WrongPassword, "{options}");
    }
}

#[test]
fn a_file_without_mac_is_refused() {
    assert_eq!(error(&exported("-nomac"), "geheim"), Pkcs12Error::NoMac);
}

#[test]
fn passwords_beyond_the_first_plane_open() {
    let openssl = OpenSsl::new();
    new_signer(&openssl, "ED25519");
    for options in ["", "-legacy"] {
        openssl.run(&format!(
            "pkcs12 -export -inkey key -in own.crt -out file.p12 -passout pass:日本🔑 {options}"
        ));
        open(&openssl.read("file.p12"), "日本🔑").unwrap();
    }
}

/// Replaces the first occurrence.
fn patched(file: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = file.windows(from.len()).rposition(|window| window == from).unwrap();
    [&file[..at], to, &file[at + from.len()..]].concat()
}

#[test]
fn hostile_numbers_of_rounds_are_refused_at_once() {
    let file = exported("-iter 70000");
    assert!(open(&file, "geheim").is_ok());
    // The rounds of the check value are the last number in the file.
    let hostile = patched(&file, b"\x02\x03\x01\x11\x70", b"\x02\x03\x7f\xff\xff");
    assert!(matches!(error(&hostile, "geheim"), Pkcs12Error::TooMuchWork { .. }));
    let negative = patched(&file, b"\x02\x03\x01\x11\x70", b"\x02\x03\x81\xff\xff");
    assert!(matches!(error(&negative, "geheim"), Pkcs12Error::Malformed { .. }));
}

#[test]
fn keys_and_certificates_are_matched() {
    let openssl = OpenSsl::new();
    new_signer(&openssl, "EC -pkeyopt ec_paramgen_curve:P-256");
    openssl.run("req -x509 -key key -out renewed.crt -days 36500 -subj /CN=renewed");
    openssl.run("genpkey -algorithm ED25519 -out other.key");
    openssl.run("req -x509 -key other.key -out other.crt -days 36500 -subj /CN=other");
    let export = |options: &str| {
        openssl.run(&format!("pkcs12 -export -out file.p12 -passout pass: {options}"));
        open(&openssl.read("file.p12"), "")
    };
    let name = |signer: Result<Pkcs12Signer, _>| {
        signer.unwrap().certificates().own().common_name().map(str::to_owned)
    };

    // OpenSSL gives the certificate that it takes for the key's an id.
    assert_eq!(name(export("-inkey key -in renewed.crt -certfile own.crt")), Some("renewed".into()));
    assert_eq!(name(export("-inkey key -in own.crt -certfile other.crt")), Some("new".into()));

    // Keys alone.
    let without = openssl
        .output(&["pkcs12", "-export", "-nocerts", "-inkey", "key", "-out", "file.p12", "-passout", "pass:"]);
    assert!(without.status.success());
    assert_eq!(open(&openssl.read("file.p12"), "").unwrap_err(), Pkcs12Error::NoCertificate { found: 0 });
}

#[test]
fn keys_that_cannot_sign_are_named() {
    let openssl = OpenSsl::new();
    let refused = |algorithm: &str| {
        openssl.run(&format!("genpkey -algorithm {algorithm} -out key"));
        openssl.run("req -x509 -key key -out own.crt -days 36500 -subj /CN=new");
        openssl.run("pkcs12 -export -inkey key -in own.crt -out own.p12 -passout pass:");
        match open(&openssl.read("own.p12"), "").unwrap_err() {
            Pkcs12Error::Key { source } => source,
            error => panic!("{algorithm}: {error:?}"),
        }
    };
    assert_eq!(refused("RSA -pkeyopt rsa_keygen_bits:1024"), AlgorithmError::KeySize { bits: 1024 });
    let found = |oid: &str| AlgorithmError::Key { found: oid.into() };
    assert_eq!(refused("EC -pkeyopt ec_paramgen_curve:secp256k1"), found("1.3.132.0.10"));
    assert_eq!(refused("ED448"), found("1.3.101.113"));
    assert_eq!(refused("RSA-PSS -pkeyopt rsa_keygen_bits:2048"), found("1.2.840.113549.1.1.10"));
}

#[test]
fn nothing_secret_is_printed() {
    let signer = open(&pki("dev-ec.p12"), "password").unwrap();
    let text = format!("{signer:?}");
    assert!(text.contains("PrivateKey(ECDSA, redacted)"), "{text}");
    let errors = [error(&pki("dev-ec.p12"), "open sesame"), error(&pki("store-nokey.p12"), "password")];
    for error in errors {
        assert!(!format!("{error} {error:?}").contains("sesame"), "{error:?}");
    }
}

/// The same element with an indefinite length, octet strings in two pieces; `depth` levels of it.
fn to_ber(der: &[u8], depth: usize) -> (Vec<u8>, &[u8]) {
    let (head, length) = match der[1] {
        short @ ..=0x7f => (2, usize::from(short)),
        0x81 => (3, usize::from(der[2])),
        0x82 => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
        other => panic!("length {other:#x}"),
    };
    let (element, rest) = der.split_at(head + length);
    let value = &element[head..];
    let mut ber = Vec::new();
    match der[0] {
        0x04 if depth > 0 && length < 0x10000 && length > 1 => {
            ber.extend([0x24, 0x80]);
            for piece in [&value[..length / 2], &value[length / 2..]] {
                let [.., high, low] = piece.len().to_be_bytes();
                ber.extend([0x04, 0x82, high, low]);
                ber.extend(piece);
            }
            ber.extend([0, 0]);
        }
        tag if depth > 0 && tag & 0x20 != 0 => {
            ber.extend([tag, 0x80]);
            let mut left = value;
            while !left.is_empty() {
                let (one, rest) = to_ber(left, depth - 1);
                ber.extend(one);
                left = rest;
            }
            ber.extend([0, 0]);
        }
        _ => ber.extend(element),
    }
    (ber, rest)
}

#[test]
fn ber_opens_as_der_does() {
    for name in ["dev1.p12", "dev1-legacy.p12"] {
        let file = pki(name);
        let (ber, rest) = to_ber(&file, 6);
        assert!(rest.is_empty());
        assert_ne!(ber, file);
        let signer = open(&ber, "password").unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(signer.certificates().own().common_name(), Some("Developer 1"));
        assert_eq!(error(&ber, "Password"), Pkcs12Error::WrongPassword);
    }
}
