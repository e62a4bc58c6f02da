//! What `app/list` costs in a deployment server with many releases: the list of a session that others have too, of a session that
//! nobody has had, and the first one after a change; once for devices that few packages fit, once for one that all fit. In half of
//! the runs that are worth comparing every release has tags of its own.
//!
//! ```sh
//! cargo run --release -p amps-server --example app_list -- 100000 4
//! cargo run --release -p amps-server --example app_list -- 100000 1 distinct
//! ```
#![allow(clippy::print_stdout)] // figures are all that it is for

use std::{env, fmt::Write as _, sync::Arc, time::Instant};

use amps_catalog::SqliteCatalog;
use amps_core::{
    Catalog as _, FolderBlobStore, Limits, Origin, PackagesFolder, Parts, Provenance, ReleaseDraft,
    ReleaseFacts, ReleasesKept, Store, SystemClock, Timestamp,
    accounts::{
        Accounts, Categories as _, NewCategory, NewUser, NewVendor, PasswordHash, StoreEntry, Users as _,
        Vendors as _,
    },
};
use amps_server::{
    Access, AnonymousAccess, DeploymentParts, DeploymentSettings, ServerLimits, deployment_server,
};
use amps_testkit::PackageBuilder;
use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const ROUNDS: usize = 101;
const CHANGES: usize = 15;

/// What is measured.
struct Load {
    releases: usize,
    /// Releases of each id.
    versions: usize,
    /// Whether every release has tags that no other one has, or some thousands share theirs.
    tags_are_distinct: bool,
}

impl Load {
    fn of_arguments() -> Result<Self, Failure> {
        let mut arguments = env::args().skip(1);
        let releases = arguments.next().ok_or("expected how many releases")?.parse()?;
        let versions = arguments.next().ok_or("expected how many releases of each id")?.parse()?;
        let tags_are_distinct = match arguments.next().as_deref() {
            None => false,
            Some("distinct") => true,
            Some(other) => return Err(format!("`{other}`: expected `distinct` or nothing").into()),
        };
        Ok(Self { releases, versions, tags_are_distinct })
    }

    /// The tags of one of the releases: five.
    fn tags(&self, number: usize) -> Result<String, Failure> {
        let mut tags = format!("build_target:{},qt:5.15.{}", ["desktop", "target"][number % 2], number % 3);
        for step in [1, 7, 13] {
            let tag = (number * step + number / 100) % 40;
            match step {
                13 if self.tags_are_distinct => write!(tags, ",t{tag}:{number}")?,
                _ => write!(tags, ",t{tag}")?,
            }
        }
        Ok(tags)
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let load = Load::of_arguments()?;
    let folder = tempfile::tempdir()?;
    let catalog = Arc::new(SqliteCatalog::open(&folder.path().join("catalog.db"))?);
    let store = Arc::new(Store::open(Parts {
        catalog: Arc::clone(&catalog) as _,
        blobs: Arc::new(FolderBlobStore::open(folder.path())?),
        packages: PackagesFolder::open(folder.path().join("packages"))?,
        clock: Arc::new(SystemClock),
        events: Arc::new(()),
        limits: Limits::default(),
        developers: None,
        signing: None,
        keep: ReleasesKept::All,
    })?);
    fill(&store, &catalog, &load)?;
    let parts = DeploymentParts {
        store: Arc::clone(&store),
        accounts: Arc::clone(&catalog) as Arc<dyn Accounts>,
        access: Access::without_tokens(AnonymousAccess::Read),
        clock: Arc::new(SystemClock),
    };
    let router = deployment_server(parts, DeploymentSettings::default(), ServerLimits::default())?;
    let tags = |number: usize| format!("build_target:desktop,qt:5.15.{},t{}", number % 3, number % 40);
    let cookie = hello(&router, &tags(0)).await?;
    let (first, bytes) = list(&router, &cookie).await?;
    println!("{:<40} {first:>9.3} ms", "the first list");
    println!("{:<40} {bytes:>9} bytes", "its size");
    let mut same = Vec::new();
    for _ in 0..ROUNDS {
        same.push(list(&router, &cookie).await?.0);
    }
    println!("{:<40} {:>9.3} ms", "the same list again (median)", median(same));
    let (mut other, mut sizes) = (Vec::new(), Vec::new());
    for number in 1..ROUNDS {
        let cookie = hello(&router, &tags(number)).await?;
        let (time, bytes) = list(&router, &cookie).await?;
        other.push(time);
        sizes.push(f64::from(u32::try_from(bytes)?));
    }
    println!("{:<40} {:>9.3} ms", "a list that nobody had (median)", median(other));
    println!("{:<40} {:>9.0} bytes", "its size (median)", median(sizes));
    let everything = hello(&router, "").await?;
    let (time, bytes) = list(&router, &everything).await?;
    println!("{:<40} {time:>9.3} ms", "the list of all, that nobody had");
    println!("{:<40} {bytes:>9} bytes", "its size");
    let mut version = 0;
    for (what, cookie) in [("few", &cookie), ("all", &everything)] {
        let mut changed = Vec::new();
        for _ in 0..CHANGES {
            version += 1;
            let package = PackageBuilder::hello().version(&format!("2.{version}")).build();
            store.upload(package.as_slice(), &from())?;
            changed.push(list(&router, cookie).await?.0);
        }
        println!("{:<40} {:>9.3} ms", format!("the list of {what} after a change (median)"), median(changed));
    }
    Ok(())
}

fn from() -> Provenance {
    Provenance { origin: Origin::Http, name: "bench".into(), by: "bench".into(), cause: Origin::Http.into() }
}

/// Releases made up from one that is real.
fn fill(store: &Store, catalog: &SqliteCatalog, load: &Load) -> Result<(), Failure> {
    store.upload(PackageBuilder::hello().build().as_slice(), &from())?;
    let user = NewUser {
        name: "ada".parse()?,
        password: PasswordHash::create(&"open sesame".into())?,
        is_active: true,
        is_staff: true,
    };
    catalog.create_user(&user, Timestamp(0))?;
    let category =
        catalog.create_category(&NewCategory { name: "tools".parse()?, position: None, icon: None })?;
    let vendor =
        catalog.create_vendor(&NewVendor { name: "V".parse()?, user: user.name, certificate: None })?;
    let entry = StoreEntry {
        category,
        vendor,
        brief_description: "An application for the bench".into(),
        description: String::new(),
    };
    let real = catalog.releases()?.pop().ok_or("there is no release")?;
    let documents = catalog.documents(real.sequence)?.ok_or("it has no documents")?;
    for number in 0..load.releases {
        let facts = ReleaseFacts {
            id: format!("org.example.app{:06}", number / load.versions).parse()?,
            version: format!("1.{}", number % load.versions),
            tags: load.tags(number)?.parse()?,
            ..(*real.facts).clone()
        };
        let draft =
            ReleaseDraft { facts, documents: documents.clone(), recipe: None, entry: Some(entry.clone()) };
        catalog.publish(&draft, &[])?;
    }
    store.catalog_has_changed();
    Ok(())
}

async fn call(router: &Router, uri: &str, cookie: &str) -> Result<axum::response::Response, Failure> {
    let request = Request::builder()
        .uri(uri)
        .header(header::HOST, "bench")
        .header(header::COOKIE, cookie)
        .body(Body::empty())?;
    Ok(TowerToHyperService::new(router.clone()).call(request).await?)
}

async fn hello(router: &Router, tags: &str) -> Result<String, Failure> {
    let answer = call(router, &format!("/hello?platform=NEPTUNE3&version=1&require_tag={tags}"), "").await?;
    let cookie = answer.headers().get(header::SET_COOKIE).ok_or("there is no session")?.to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// How long a list takes, in milliseconds, and its size.
async fn list(router: &Router, cookie: &str) -> Result<(f64, usize), Failure> {
    let start = Instant::now();
    let body = call(router, "/app/list", cookie).await?.into_body().collect().await?.to_bytes();
    Ok((start.elapsed().as_secs_f64() * 1000.0, body.len()))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
