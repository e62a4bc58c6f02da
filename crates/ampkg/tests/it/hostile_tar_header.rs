//! Headers and extension records that lie, or that two readers understand differently.

use ampkg::{Error, ErrorClass, Limits, read};
use amps_testkit::{Archive, Gzip, LongName, PackageBuilder, TarEntry};

use crate::{
    fixtures::verify,
    hostile_archive::{check, check_entry},
};

fn hello() -> PackageBuilder {
    PackageBuilder::hello()
}

#[test]
fn sizes_that_lie_are_refused() {
    let evil = TarEntry::file("x", [0; 512]);
    // What follows a file of 512 bytes that states 0 is taken for the next header: here for the end, with data behind it.
    let error = verify(&hello().entry(evil.clone().stated_size(0)).build()).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Format, "{error}");
    // One that states more swallows the footer.
    let error = verify(&hello().entry(evil.clone().stated_size(1024)).build()).unwrap_err();
    assert!(matches!(error, Error::Tar { .. } | Error::TruncatedTar { .. }), "{error}");
    let error = verify(&hello().entry(evil.stated_size(1 << 20)).build()).unwrap_err();
    assert!(matches!(error, Error::TruncatedTar { .. }), "{error}");
}

#[test]
fn sizes_in_gnu_binary_form_are_read() {
    verify(&hello().entry(TarEntry::file("x", "data").base_256()).build()).unwrap();
}

#[test]
fn a_huge_size_is_refused_before_anything_is_read() {
    for size in [9 << 30, 17 << 30, u64::MAX >> 1, u64::MAX] {
        let limits = Limits { unpacked_bytes: 1 << 30, ..Limits::default() };
        let package = hello().entry(TarEntry::file("x", "").stated_size(size).base_256()).build();
        let error = read(package.as_slice(), &limits, &mut ()).unwrap_err();
        assert_eq!(error.to_string(), "more than 1073741824 bytes in the unpacked package");
    }
}

#[test]
fn numbers_that_readers_take_differently_are_refused() {
    for (offset, field, what) in [
        (124, &b"+0000000010\0"[..], "size"),
        (124, b"-0000000001\0", "size"),
        (124, b"0000000001 7", "size"),
        (124, b"0000000009\0\0", "size"),
        (124, b"            ", "size"),
        (124, b"\x80\0\0\x01\0\0\0\0\0\0\0\x01", "size"),
        (124, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "size"),
        (100, b"+000644\0", "mode"),
        (100, b"rw-r--r-", "mode"),
    ] {
        let package = hello().entry(TarEntry::file("x", "").patch(offset, field)).build();
        let error = verify(&package).unwrap_err();
        assert!(
            matches!(&error, Error::Tar { reason, .. } if reason.starts_with(&format!("the {what} "))),
            "{}: {error}",
            String::from_utf8_lossy(field)
        );
    }
}

#[test]
fn numbers_with_spaces_around_them_are_read() {
    for field in
        [&b"          4\0"[..], b"00000000004 ", b"4           ", b"4\0\0\0\0\0\0\0\0\0\0\0", b"000000000004"]
    {
        verify(&hello().entry(TarEntry::file("x", "data").patch(124, field)).build()).unwrap();
    }
}

#[test]
fn a_pax_size_must_be_the_headers_size() {
    verify(&hello().entry(TarEntry::file("x", "data").pax(&[("size", "4")])).build()).unwrap();
    for (size, message) in [
        ("3", "a pax record and the header state different sizes"),
        ("1024", "a pax record and the header state different sizes"),
        ("-4", "a pax size is not a number"),
        ("+4", "a pax size is not a number"),
        ("4 ", "a pax size is not a number"),
        ("", "a pax size is not a number"),
    ] {
        let error =
            verify(&hello().entry(TarEntry::file("x", "data").pax(&[("size", size)])).build()).unwrap_err();
        assert!(matches!(&error, Error::Tar { reason, .. } if reason == message), "{size}: {error}");
    }
}

#[test]
fn pax_records_that_say_two_things_are_refused() {
    for (entry, message) in [
        (
            TarEntry::file("x", "").pax(&[("path", "a"), ("path", "b")]),
            "two extension records name the same entry",
        ),
        (
            TarEntry::file("x", "").pax(&[("path", "a")]).pax(&[("path", "b")]),
            "two extension records name the same entry",
        ),
        (
            TarEntry::file("x", "").pax(&[("path", "a")]).long_name(LongName::Gnu),
            "two extension records name the same entry",
        ),
        (TarEntry::file("x", "").pax(&[("size", "0"), ("size", "0")]), "two extension records state a size"),
    ] {
        let error = verify(&hello().entry(entry).build()).unwrap_err();
        assert!(matches!(&error, Error::Tar { reason, .. } if reason == message), "{error}");
    }
}

#[test]
fn pax_records_are_parsed_to_the_last_byte() {
    for data in [
        &b"9 path=a"[..],
        b"8 path=a\n",
        b"11 path=a\n",
        b"\n9 path=a\n",
        b"9 path=a\n\0",
        b"9 path=a\n\n",
        b"9  path=a\n",
        b"+9 path=a\n",
        b"9path=aaa\n",
        b"7 path\n",
        b"5 =a\n",
        b"99999999999999999999 path=a\n",
        b"0 path=a\n",
        b"2 \n",
        b"1 ",
    ] {
        let record = TarEntry::of_type(b'x', "PaxHeaders/x", data);
        let error = verify(&hello().entry(TarEntry::file("a", "").before(&record)).build()).unwrap_err();
        assert!(
            matches!(&error, Error::Tar { reason, .. } if reason == "a pax record is malformed"),
            "{}: {error}",
            String::from_utf8_lossy(data)
        );
    }
}

#[test]
fn other_pax_records_are_ignored() {
    let entry = TarEntry::file("x", "data").pax(&[
        ("mtime", "1.5"),
        ("comment", "two\nlines"),
        ("SCHILY.xattr.user.x", "\n\0\n"),
        ("linkpath", "/etc/passwd"),
        ("uname", "root"),
    ]);
    verify(&hello().entry(entry).build()).unwrap();
}

#[test]
fn a_global_pax_record_names_no_file() {
    verify(&hello().entry(TarEntry::pax_global(&[("comment", "0123456789abcdef")])).build()).unwrap();
    for records in [[("path", "x")], [("size", "1")]] {
        let error = verify(&hello().entry(TarEntry::pax_global(&records)).build()).unwrap_err();
        assert!(
            matches!(&error, Error::Tar { reason, .. } if reason == "a global pax header names a file"),
            "{error}"
        );
    }
}

#[test]
fn an_extension_record_needs_an_entry() {
    let mut entries = hello().all_entries();
    entries.push(TarEntry::of_type(b'L', "././@LongLink", "name\0"));
    let error = verify(&Gzip::new().pack(&Archive::of(&entries).end())).unwrap_err();
    assert!(error.to_string().ends_with("(an extension record is followed by no entry)"), "{error}");
}

#[test]
fn long_names_are_read_and_enter_the_digest() {
    let name = format!("{}.txt", "n".repeat(200));
    for long_name in [LongName::Auto, LongName::Pax, LongName::Gnu] {
        let package = hello().entry(TarEntry::file(&name, "x").long_name(long_name)).build();
        assert_eq!(verify(&package).unwrap().entries.last().unwrap().path.as_written(), name);
    }
}

#[test]
fn a_long_record_is_refused_before_it_is_kept() {
    let name = "n".repeat(70_000);
    for long_name in [LongName::Pax, LongName::Gnu] {
        let package = hello().entry(TarEntry::file(&name, "").long_name(long_name)).build();
        check(&package, ErrorClass::Limit, "more than 65536 bytes in a tar extension record");
    }
    check_entry(
        TarEntry::file("n".repeat(5000), ""),
        ErrorClass::Limit,
        "more than 4096 bytes in the name of an entry",
    );
}

#[test]
fn a_directory_has_no_data() {
    let directory = TarEntry::of_type(b'5', "d/", "data");
    let error = verify(&hello().entry(directory).build()).unwrap_err();
    assert!(error.to_string().ends_with("(a directory has data)"), "{error}");
}

#[test]
fn headers_with_a_wrong_checksum_are_refused() {
    let error = verify(&hello().entry(TarEntry::file("x", "").bad_checksum()).build()).unwrap_err();
    assert!(error.to_string().ends_with("(the checksum of a header is wrong)"), "{error}");
}

#[test]
fn padding_behind_a_file_is_zero() {
    let error = verify(&hello().entry(TarEntry::file("x", "data").padding(1)).build()).unwrap_err();
    assert!(error.to_string().ends_with("(the padding behind an entry is not zero)"), "{error}");
}

#[test]
fn only_the_owners_x_bit_of_a_file_counts() {
    for (mode, executable) in
        [(0o644, false), (0o100, true), (0o755, true), (0o4711, true), (0o011, false), (0o177_777, true)]
    {
        let package = verify(&hello().entry(TarEntry::file("x", "").mode(mode)).build()).unwrap();
        assert_eq!(package.entries.last().unwrap().executable, executable, "{mode:o}");
    }
    let package = verify(&hello().directory("d").build()).unwrap();
    assert!(!package.entries.last().unwrap().executable, "a directory cannot be run");
}
