//! Packages as a store has them: a handful with names, releases and signatures of all kinds, many, and hostile ones.

use amps_core::{
    CertificateFiles, Clock as _, Limits, Password, SystemClock, developer_sign_file, verify_file,
};
use amps_testkit::{PackageBuilder, TarEntry, fixture};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

/// What a package of the demonstration says about itself.
pub(crate) struct Words<'a> {
    pub(crate) id: &'a str,
    pub(crate) version: &'a str,
    /// YAML, as all that follows.
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    pub(crate) categories: &'a str,
    pub(crate) tags: &'a str,
    /// A file of `fixtures/binaries`, if it is a native package.
    pub(crate) binary: Option<&'a str>,
}

impl Words<'_> {
    pub(crate) fn builder(&self) -> PackageBuilder {
        let Self { id, version, name, description, categories, tags, binary } = *self;
        let (code, runtime) = if binary.is_some() { ("bin/app", "native") } else { ("main.qml", "qml") };
        let manifest = format!(
            "formatVersion: 1\nformatType: am-package\n---\nid: '{id}'\nicon: icon.png\nname: {name}\ndescription: {description}\n\
             version: '{version}'\ncategories: {categories}\napplications:\n- {{ id: '{id}', code: {code}, runtime: {runtime} }}\n"
        );
        let builder = PackageBuilder::hello().id(id).manifest(&manifest).icon(icon(id));
        let builder = match binary {
            Some(name) => builder.native(std::fs::read(fixture("binaries").join(name)).unwrap()),
            None => builder,
        };
        if tags == "[]" { builder } else { builder.header_line(&format!("extra: {{ tags: {tags} }}")) }
    }
}

/// A round icon whose colours come from the id.
pub(crate) fn icon(id: &str) -> Vec<u8> {
    const SIZE: u32 = 176;
    let seed = id.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let channel = |shift: u32| u8::try_from(seed >> shift & 0xff).unwrap() / 2 + 64;
    let ground = [channel(0), channel(8), channel(16), 255];
    let lighter = ground.map(|value| value.saturating_add(40));
    let pixels = (0..SIZE * SIZE).flat_map(|index| {
        let (x, y) = (index % SIZE, index / SIZE);
        let square = |a: u32| a.abs_diff(SIZE / 2).pow(2);
        match square(x) + square(y) {
            0..900 => [255; 4],
            900..7500 if (x < y) == (seed % 2 == 0) => ground,
            900..7500 => lighter,
            _ => [0; 4],
        }
    });
    png(SIZE, &pixels.collect::<Vec<u8>>())
}

/// A PNG of RGBA pixels, as small as whoever draws icons makes them.
fn png(size: u32, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (compression, filter) = (CompressionType::Best, FilterType::NoFilter);
    let encoder = PngEncoder::new_with_quality(&mut bytes, compression, filter);
    image::ImageEncoder::write_image(encoder, pixels, size, size, image::ExtendedColorType::Rgba8).unwrap();
    bytes
}

/// The package with the signature of a developer of `fixtures/pki`, like `dev1`.
pub(crate) fn signed(package: &PackageBuilder, developer: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (folder.path().join("unsigned"), folder.path().join("signed"));
    std::fs::write(&source, package.build()).unwrap();
    let files = CertificateFiles {
        store: Some(fixture("pki").join(format!("{developer}.p12"))),
        store_password: Some(Password::new("password".to_owned())),
        ..CertificateFiles::default()
    };
    let now = SystemClock.now();
    let signer = files.load(now).unwrap().store.unwrap();
    let limits = Limits::default();
    let verified = verify_file(&source, None, now, &limits).unwrap();
    developer_sign_file(&source, &target, &verified, &*signer, now, &limits).unwrap();
    std::fs::read(target).unwrap()
}

/// A package of the reference's making.
pub(crate) fn reference(name: &str) -> Vec<u8> {
    std::fs::read(fixture("packages").join(name)).unwrap()
}

/// A dozen packages, one of them with many releases.
pub(crate) fn store() -> Vec<Vec<u8>> {
    let mut packages = Vec::new();
    for (version, binary, tags) in [
        ("1.0", Some("linux-x86_64"), "[ 'qt:6.5', premium ]"),
        ("1.0", Some("linux-aarch64"), "[ 'qt:6.5', premium ]"),
        ("1.1", Some("linux-x86_64"), "[ 'qt:6.5', premium ]"),
        ("2.0", Some("linux-x86_64"), "[ 'qt:6.8', premium ]"),
        ("2.0", Some("linux-aarch64"), "[ 'qt:6.8', premium ]"),
    ] {
        let words = Words {
            id: "org.example.navigation",
            version,
            name: "{ en: Navigation, de: 'Navigation und Karten', ar: 'الملاحة', he: 'ניווט' }",
            description: "{ en: 'Turn-by-turn directions with maps that work offline', de: 'Navigation mit Karten, die auch ohne Netz da sind' }",
            categories: "[ navigation, maps ]",
            tags,
            binary,
        };
        packages.push(signed(
            &words.builder().directory("maps").file("maps/tiles.bin", vec![7; 300_000]),
            "dev1",
        ));
    }
    for (id, name, categories, tags, developer) in [
        ("org.example.radio", "{ en: Radio, de: Rundfunk }", "[ media ]", "[]", Some("dev1")),
        ("org.example.climate", "{ en: Climate, de: Klima }", "[ comfort ]", "[ premium ]", Some("dev-ec")),
        (
            "org.example.charging",
            "{ en: 'Charging finder', de: Ladestationen }",
            "[ navigation, tools ]",
            "[ electric ]",
            Some("dev1"),
        ),
        ("org.example.weather", "{ en: Weather, de: Wetter }", "[ tools ]", "[]", None),
        ("com.supplier.podcasts", "{ en: Podcasts }", "[ media ]", "[]", Some("dev-email")),
        (
            "com.supplier.manual",
            "{ en: 'Owner’s manual', de: Betriebsanleitung }",
            "[ tools ]",
            "[]",
            Some("dev1"),
        ),
        ("com.supplier.arabic", "{ ar: 'متصفح الويب السريع', he: 'דפדפן מהיר' }", "[ tools ]", "[]", None),
    ] {
        let words = Words {
            id,
            version: "1.4.2",
            name,
            description: "{ en: 'An application for the centre display' }",
            categories,
            tags,
            binary: None,
        };
        let builder = words.builder();
        packages.push(developer.map_or_else(|| builder.build(), |developer| signed(&builder, developer)));
    }
    packages
}

/// Small packages with the ids `org.example.many000` and so on.
pub(crate) fn many(count: usize) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(|number| {
        let id = format!("org.example.many{number:03}");
        PackageBuilder::hello().id(&id).name(&format!("Sample {number:03}")).icon(b"not a picture").build()
    })
}

/// Packages of somebody who wants the page to do something: their ids begin with `org.evil.`.
pub(crate) fn hostile() -> Vec<Vec<u8>> {
    const SCRIPT: &str = "<script>window.evil=1</script><img src=x onerror=window.evil=2>";
    let words = |id, name, description, categories| Words {
        id,
        version: "1.0",
        name,
        description,
        categories,
        tags: "[]",
        binary: None,
    };
    let script = format!("{{ en: '{SCRIPT}', de: '\"><svg onload=window.evil=3>' }}");
    let many_words = format!("{{ en: '{}' }}", "Much ado about ".repeat(600).trim_end());
    let one_word = format!("{{ en: '{}' }}", "W".repeat(400));
    let none = "{ en: x }";
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>window.evil=4</script></svg>";
    vec![
        words("org.evil.script", &script, &script, "[ '<b onclick=window.evil=5>bold</b>' ]")
            .builder()
            .entry(TarEntry::file("<img src=x onerror=window.evil=6>.qml", "x"))
            .build(),
        words(
            "org.evil.bidi",
            "{ en: \"safe\\u202Egnp.exe\\u2066 tail\" }",
            "{ en: \"\\u202Ebackwards\" }",
            "[]",
        )
        .builder()
        .build(),
        words("org.evil.words", &many_words, &many_words, "[]").builder().build(),
        words("org.evil.word", &one_word, none, "[]").builder().build(),
        words("org.evil.svg", "{ en: 'Icon is SVG' }", none, "[]").builder().icon(svg).build(),
        words("org.evil.html", "{ en: 'Icon is HTML' }", none, "[]")
            .builder()
            .icon("<html><script>window.evil=7</script>")
            .build(),
    ]
}
