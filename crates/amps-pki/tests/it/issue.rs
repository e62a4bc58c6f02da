//! Certificates, revocation lists and key files that we make: openssl and we ourselves accept them.

use amps_pki::{
    CertificateAuthority, CertificateSet, ChainError, Identity, IssueError, KeyPair, KeyType, Password,
    Pkcs12Error, Pkcs12Signer, RevocationLists, SignatureForm, SignatureInput, Signer, Timestamp,
    TrustAnchors, Validity, VerifyError, sign, signed_form, verify,
};

use crate::openssl::{OpenSsl, pki};
use crate::sign::{NOW, new_signer, now};

/// Ten years from [`NOW`] on.
fn validity() -> Validity {
    Validity::new(now(), Timestamp::from_unix_seconds(NOW + 315_360_000).unwrap()).unwrap()
}

fn key(kind: KeyType) -> KeyPair {
    KeyPair::generate(kind).unwrap()
}

/// A root, an authority below it, and a signer below that.
fn made(kind: KeyType) -> (CertificateAuthority, CertificateAuthority, Identity) {
    let root = CertificateAuthority::new_root("CN=Root,O=Exämple", key(kind), validity()).unwrap();
    let below = root.issue_authority("CN=Below,O=Exämple", key(kind), validity()).unwrap();
    let signer = below.issue_signer("CN=Signer\\, 1,O=Exämple,C=DE", key(kind), validity()).unwrap();
    (root, below, signer)
}

fn anchors(root: &CertificateAuthority, below: &CertificateAuthority) -> TrustAnchors {
    let mut set = CertificateSet::new();
    for authority in [root, below] {
        set.add(authority.identity().certificate_pem().as_bytes()).unwrap();
    }
    TrustAnchors::new(set)
}

#[test]
fn openssl_and_we_accept_what_was_issued() {
    for kind in [KeyType::P256, KeyType::Rsa2048] {
        let (root, below, signer) = made(kind);
        let input = SignatureInput::developer(&[7; 32]);
        let message = sign(&input, &signer, now()).unwrap();
        let verified = verify(&message, &input, &anchors(&root, &below), now()).unwrap();
        assert_eq!(verified.signer().subject(), "CN=Signer\\, 1,O=Exämple,C=DE");
        assert_eq!(verified.chain().len(), 3);

        let openssl = OpenSsl::new();
        openssl.write("root.crt", root.identity().certificate_pem());
        openssl.write("below.crt", below.identity().certificate_pem());
        openssl.write("signer.crt", signer.certificate_pem());
        openssl.write(
            "crls",
            [&root, &below].map(|ca| ca.revocation_list(1, &[], validity()).unwrap()).concat(),
        );
        // With every check that openssl has.
        openssl.run(&format!(
            "verify -x509_strict -check_ss_sig -auth_level 2 -purpose smimesign -attime {NOW} -crl_check_all \
             -CRLfile crls -CAfile root.crt -untrusted below.crt signer.crt"
        ));
        openssl.write("signature.der", &message);
        openssl.write("content", input.to_base64());
        // The authority in between is in the message.
        openssl.run(&format!(
            "cms -verify -binary -inform DER -in signature.der -content content -CAfile root.crt -attime {NOW} -out out"
        ));
    }
}

#[test]
fn a_key_file_opens_with_openssl_and_with_ours() {
    for (kind, password) in
        [(KeyType::P256, "pässwörd 日本"), (KeyType::Rsa2048, "password"), (KeyType::P256, "")]
    {
        let (_, _, signer) = made(kind);
        let file = signer.to_pkcs12(&Password::from(password)).unwrap();
        let opened = Pkcs12Signer::open(&file, &Password::from(password)).unwrap();
        assert_eq!(opened.certificates().own(), signer.certificate());
        sign(&SignatureInput::developer(&[0; 32]), &opened, now()).unwrap();
        let wrong = Pkcs12Signer::open(&file, &Password::from("wrong")).unwrap_err();
        assert_eq!(wrong, Pkcs12Error::WrongPassword);

        let openssl = OpenSsl::new();
        openssl.write("signer.p12", &file);
        let pass = format!("pass:{password}");
        let words = ["pkcs12", "-in", "signer.p12", "-passin", &pass, "-nodes", "-info", "-out", "all.pem"];
        let output = openssl.output(&words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        for line in [
            "MAC: sha256, Iteration 2048",
            "Encrypted data: PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256",
            "Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256",
        ] {
            assert!(said.contains(line), "{line}: {said}");
        }
        let pem = String::from_utf8(openssl.read("all.pem")).unwrap();
        assert_eq!(pem.matches("-----BEGIN CERTIFICATE-----").count(), 2, "{pem}");
        // Key and certificate belong together: openssl says so, too.
        openssl.run("x509 -in all.pem -noout -pubkey -out certificate.pub");
        openssl.run("pkey -in all.pem -pubout -out key.pub");
        assert_eq!(openssl.read("certificate.pub"), openssl.read("key.pub"));
    }
}

#[test]
fn two_files_of_one_key_have_other_salts_and_so_other_contents() {
    let (_, _, signer) = made(KeyType::P256);
    let files = [(); 2].map(|()| signer.to_pkcs12(&Password::from("password")).unwrap());
    let same = files[0].windows(16).filter(|window| files[1].windows(16).any(|other| other == *window));
    // Names of algorithms are the same; certificates and key, which are most of a file, must not be.
    let same = same.count();
    assert!(same * 5 < files[0].len(), "{same} of {}", files[0].len());
}

#[test]
fn who_was_revoked_is_refused_by_openssl_and_by_us() {
    let (root, below, signer) = made(KeyType::P256);
    let other = below.issue_signer("CN=Other", key(KeyType::P256), validity()).unwrap();
    let lists = [
        root.revocation_list(1, &[], validity()).unwrap(),
        below.revocation_list(2, &[signer.certificate_der()], validity()).unwrap(),
    ]
    .concat();
    let mut revoked = RevocationLists::new();
    revoked.add(lists.as_bytes()).unwrap();
    let anchors = anchors(&root, &below).with_revocation_lists(revoked);
    let chain = |signer: &Identity| anchors.verify_chain(signer.certificate_der(), now());
    assert!(matches!(chain(&signer), Err(ChainError::Revoked { .. })), "{:?}", chain(&signer));
    assert_eq!(chain(&other).unwrap().len(), 3);

    let openssl = OpenSsl::new();
    openssl.write("crls", lists);
    openssl.write("cas", [root.identity().certificate_pem(), below.identity().certificate_pem()].concat());
    for (identity, expected) in [(&signer, false), (&other, true)] {
        openssl.write("one.crt", identity.certificate_pem());
        let words =
            format!("verify -attime {NOW} -crl_check_all -CRLfile crls -CAfile cas -x509_strict one.crt");
        let output = openssl.output(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.success(), expected, "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn what_cannot_be_issued_is_named() {
    let (root, below, _) = made(KeyType::P256);
    let stranger = CertificateAuthority::new_root("CN=Stranger", key(KeyType::P256), validity()).unwrap();
    let foreign = stranger.issue_signer("CN=Foreign", key(KeyType::P256), validity()).unwrap();
    let error = root.revocation_list(1, &[foreign.certificate_der()], validity()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the certificate of `CN=Foreign` was issued by `CN=Stranger`, expected `CN=Root,O=Exämple`"
    );
    // Of the same name, but another key.
    let twin = CertificateAuthority::new_root("CN=Root,O=Exämple", key(KeyType::P256), validity()).unwrap();
    let foreign = twin.issue_signer("CN=Foreign", key(KeyType::P256), validity()).unwrap();
    let error = root.revocation_list(1, &[foreign.certificate_der()], validity()).unwrap_err();
    assert!(matches!(error, IssueError::OtherIssuer { .. }), "{error:?}");
    let error = root.revocation_list(1, &[b"none"], validity()).unwrap_err();
    assert!(matches!(error, IssueError::Malformed { .. }), "{error:?}");

    let error = below.issue_authority("CN=Third", key(KeyType::P256), validity()).unwrap_err();
    assert!(matches!(error, IssueError::NotRoot { .. }), "{error:?}");
    for subject in ["no name", "XX=1"] {
        let error = root.issue_signer(subject, key(KeyType::P256), validity()).unwrap_err();
        assert!(matches!(error, IssueError::Subject { .. }), "{subject}: {error:?}");
    }
    let before = Timestamp::from_unix_seconds(NOW - 1).unwrap();
    assert_eq!(Validity::new(now(), before), Err(IssueError::Validity { from: now(), until: before }));
    assert!(Validity::new(now(), now()).is_ok());
}

#[test]
fn serial_numbers_are_random_positive_and_of_one_length() {
    let (root, ..) = made(KeyType::P256);
    let serials: std::collections::BTreeSet<String> = (0..8)
        .map(|_| root.issue_signer("CN=x", key(KeyType::P256), validity()).unwrap())
        .map(|signer| signer.certificate().serial().to_owned())
        .collect();
    assert_eq!(serials.len(), 8);
    assert!(serials.iter().all(|serial| serial.len() == 32 && serial.as_str() < "8"), "{serials:?}");
}

#[test]
fn validity_beyond_2050_has_four_digits_of_the_year() {
    let until = Timestamp::from_unix_seconds(2_600_000_000).unwrap();
    let validity = Validity::new(now(), until).unwrap();
    let root = CertificateAuthority::new_root("CN=Root", key(KeyType::P256), validity).unwrap();
    assert_eq!(root.identity().certificate().not_before(), now());
    assert_eq!(root.identity().certificate().not_after(), until);
    let openssl = OpenSsl::new();
    openssl.write("root.crt", root.identity().certificate_pem());
    let output = openssl.output(&["x509", "-in", "root.crt", "-noout", "-enddate"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "notAfter=May 22 14:13:20 2052 GMT\n");
}

#[test]
fn nothing_secret_is_printed() {
    let (.., signer) = made(KeyType::P256);
    let text = format!("{signer:?}");
    assert!(text.contains("PrivateKey(ECDSA, redacted)"), "{text}");
}

/// What `inspect` shows of signatures that nobody has verified.
#[test]
fn the_form_of_a_signature_needs_no_trust_but_the_right_input() {
    let (.., signer) = made(KeyType::P256);
    let input = SignatureInput::developer(&[7; 32]);
    let message = sign(&input, &signer, now()).unwrap();
    assert_eq!(signed_form(&message, &input), Ok(SignatureForm::Base64));
    let other = signed_form(&message, &SignatureInput::developer(&[8; 32]));
    assert!(matches!(other, Err(VerifyError::ContentDigest { .. })), "{other:?}");
    // What the Deployment Server wrote: the 32 bytes themselves.
    let openssl = OpenSsl::new();
    new_signer(&openssl, "EC -pkeyopt ec_paramgen_curve:P-256");
    openssl.write("content", input.as_bytes());
    openssl.run("cms -sign -binary -in content -signer own.crt -inkey key -outform DER -out raw.der");
    assert_eq!(signed_form(&openssl.read("raw.der"), &input), Ok(SignatureForm::Raw));
    assert!(matches!(signed_form(b"", &input), Err(VerifyError::Message(_))));
    assert!(matches!(signed_form(&pki("ca.crt"), &input), Err(VerifyError::Message(_))));
}
