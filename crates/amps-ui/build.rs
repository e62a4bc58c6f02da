//! Makes the table of the embedded files: leaves comments out, compresses them, joins the style sheets, and tells the page which modules it
//! needs first.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

/// Files by their paths below `assets`.
type Files = BTreeMap<String, Vec<u8>>;

/// The page; everything else has a name that changes with its content.
const PAGE: &str = "index.html";
/// For developers.
const LEFT_OUT: &str = "README.md";
/// The modules that the first screen begins with.
const FIRST: [&str; 2] = ["js/main.js", "js/pages/browse.js"];
/// Folders of style sheets, and the file that each is joined to: what the first screen needs, and the rest. The inner one comes first.
const SHEETS: [(&str, &str); 2] = [("css/later/", "later.css"), ("css/", "app.css")];
/// Files that come as they are.
const OF_OTHERS: &str = "vendor/";
/// Where the page says `@/`, its files are.
const HERE: &str = "@/";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("assets");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", root.display());
    println!("cargo:rerun-if-changed=build.rs");
    let mut files = Files::new();
    read(&root, "", &mut files)?;
    let page = files.remove(PAGE).ok_or("there is no index.html")?;
    for (path, bytes) in &mut files {
        let kind = media_type(path).unwrap_or_default();
        let is_code = kind.starts_with("text/javascript") || kind.starts_with("text/css");
        if is_code && !path.starts_with(OF_OTHERS) {
            *bytes = without_comments(std::str::from_utf8(bytes)?).into_bytes();
        }
    }
    for (folder, joined) in SHEETS {
        let sheets: Vec<String> = files.keys().filter(|path| path.starts_with(folder)).cloned().collect();
        let bytes = sheets.iter().filter_map(|path| files.remove(path)).flatten().collect();
        files.insert(joined.into(), bytes);
    }
    let version = version(&files, &page);
    let page = String::from_utf8(page)?;
    let page = page.replace("<!-- modules -->", &preloads(&files)?);
    let page = page.replace(&format!("\"{HERE}"), &format!("\"/ui/assets/{version}/"));

    let mut table = format!("/// Names all files together.\npub const VERSION: &str = \"{version}\";\n");
    let row = entry(&out, 0, PAGE, page.as_bytes())?;
    write!(table, "static INDEX: Asset = {row};\nstatic ASSETS: &[Asset] = &[\n")?;
    for (number, (path, bytes)) in files.iter().enumerate() {
        writeln!(table, "{},", entry(&out, number + 1, path, bytes)?)?;
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

fn read(folder: &Path, prefix: &str, files: &mut Files) -> Result<(), Box<dyn Error>> {
    for found in fs::read_dir(folder)? {
        let found = found?;
        let name = found.file_name().into_string().map_err(|_| "the name of a file is not text")?;
        let path = format!("{prefix}{name}");
        if found.file_type()?.is_dir() {
            read(&found.path(), &format!("{path}/"), files)?;
        } else if path != LEFT_OUT {
            files.insert(path, fs::read(found.path())?);
        }
    }
    Ok(())
}

/// The text without lines that are comments and nothing else. Code that stands beside a comment stays as it is: nothing is understood here.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut is_within = false;
    for line in text.lines() {
        let words = line.trim();
        let begins = words.starts_with("/*");
        if is_within || begins {
            is_within = !words.ends_with("*/");
        } else if !words.is_empty() && !words.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Changes with every byte and every name.
fn version(files: &Files, page: &[u8]) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update(format!("{path}\0{}\0", bytes.len()));
        hash.update(bytes);
    }
    hash.update(page);
    hex(&hash.finalize()).chars().take(16).collect()
}

/// One file of the table, written beside it.
fn entry(out: &Path, number: usize, path: &str, bytes: &[u8]) -> Result<String, Box<dyn Error>> {
    let kind = media_type(path).ok_or_else(|| format!("{path} has no media type"))?;
    let (plain, packed) = (format!("{number}.plain"), format!("{number}.gz"));
    fs::write(out.join(&plain), bytes)?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    let gzip = gzip.finish()?;
    // A font is compressed already.
    let compressed = if gzip.len() < bytes.len() {
        fs::write(out.join(&packed), gzip)?;
        format!("Some(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{packed}\")))")
    } else {
        "None".into()
    };
    let digest = hex(&Sha256::digest(bytes));
    Ok(format!(
        "Asset {{ path: {path:?}, media_type: {kind:?}, sha256: {digest:?}, gzip: {compressed}, \
         bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{plain}\")) }}"
    ))
}

fn media_type(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((_, "js")) => Some("text/javascript; charset=utf-8"),
        Some((_, "css")) => Some("text/css; charset=utf-8"),
        Some((_, "html")) => Some("text/html; charset=utf-8"),
        Some((_, "svg")) => Some("image/svg+xml"),
        Some((_, "woff2")) => Some("font/woff2"),
        None if name.starts_with("LICENSE") => Some("text/plain; charset=utf-8"),
        _ => None,
    }
}

/// A link for each module that the first screen needs: a browser would find out one after the other otherwise.
fn preloads(files: &Files) -> Result<String, Box<dyn Error>> {
    let mut wanted: Vec<String> = FIRST.iter().map(|&path| path.to_owned()).collect();
    let mut seen = BTreeSet::new();
    let mut links = String::new();
    while let Some(path) = wanted.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let text = files.get(&path).ok_or_else(|| format!("there is no module {path}"))?;
        for imported in imports(std::str::from_utf8(text)?) {
            wanted.push(resolve(&path, imported));
        }
    }
    for path in seen {
        writeln!(links, "<link rel=\"modulepreload\" href=\"{HERE}{path}\">")?;
    }
    Ok(links.trim_end().to_owned())
}

/// What a module imports before it runs: `from './x.js'`. What it imports later, with brackets, is not among it.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("from").filter_map(|(at, word)| {
        let rest = text.get(at + word.len()..)?.trim_start_matches(' ');
        let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let path = rest.get(1..)?.split(quote).next()?;
        path.starts_with('.').then_some(path)
    })
}

fn resolve(from: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
