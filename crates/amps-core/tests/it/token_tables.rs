//! Tokens in memory: what is found without the catalog, and what another process changes.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use amps_catalog::SqliteCatalog;
use amps_core::{
    CatalogError, Clock, Timestamp,
    accounts::{
        AccessToken, AccessTokens, AccountError, ApiToken, Lookup, NewAccessToken, PackageScope, QuotaUsedUp,
        Quotas, TokenHash, TokenName, TokenTables, Usage,
    },
};

/// What is asked of a catalog is counted, and may fail.
struct Watched {
    catalog: SqliteCatalog,
    asked: Mutex<Vec<&'static str>>,
    is_failing: AtomicBool,
}

impl Watched {
    fn note(&self, question: &'static str) -> Result<(), AccountError> {
        self.asked.lock().unwrap().push(question);
        if self.is_failing.load(SeqCst) {
            return Err(CatalogError::Damaged { what: "a test", found: "as it should be".into() }.into());
        }
        Ok(())
    }

    fn asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl AccessTokens for Watched {
    fn create_access_token(
        &self,
        hash: &TokenHash,
        token: &NewAccessToken,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        self.catalog.create_access_token(hash, token, now)
    }
    fn access_tokens(&self) -> Result<Vec<(TokenHash, AccessToken)>, AccountError> {
        self.note("tokens")?;
        self.catalog.access_tokens()
    }
    fn revoke_access_token(&self, name: &TokenName, now: Timestamp) -> Result<bool, AccountError> {
        self.catalog.revoke_access_token(name, now)
    }
    fn count_upload(
        &self,
        name: &TokenName,
        bytes: u64,
        now: Timestamp,
    ) -> Result<Result<Usage, QuotaUsedUp>, AccountError> {
        self.note("count")?;
        self.catalog.count_upload(name, bytes, now)
    }
    fn usage(&self, now: Timestamp) -> Result<BTreeMap<TokenName, Usage>, AccountError> {
        self.catalog.usage(now)
    }
    fn access_generation(&self) -> Result<u64, AccountError> {
        self.note("generation")?;
        self.catalog.access_generation()
    }
}

struct StoppedClock {
    seconds: AtomicI64,
    milliseconds: AtomicU64,
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.seconds.load(SeqCst))
    }
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.milliseconds.load(SeqCst))
    }
}

struct Scene {
    tokens: Arc<Watched>,
    clock: Arc<StoppedClock>,
    tables: TokenTables,
}

impl Scene {
    fn new() -> Self {
        let catalog = SqliteCatalog::in_memory().unwrap();
        let tokens =
            Arc::new(Watched { catalog, asked: Mutex::default(), is_failing: AtomicBool::new(false) });
        let clock = Arc::new(StoppedClock { seconds: AtomicI64::new(100), milliseconds: AtomicU64::new(7) });
        let tables = TokenTables::new(tokens.clone(), clock.clone());
        Self { tokens, clock, tables }
    }

    fn add(&self, name: &str, expires_at: Option<i64>) -> ApiToken {
        self.add_with(name, expires_at, Quotas::default())
    }

    fn add_with(&self, name: &str, expires_at: Option<i64>, quotas: Quotas) -> ApiToken {
        let token = ApiToken::generate().unwrap();
        let new = NewAccessToken {
            name: name.parse().unwrap(),
            roles: "read".parse().unwrap(),
            scope: PackageScope::default(),
            quotas,
            expires_at: expires_at.map(Timestamp),
        };
        self.tokens.create_access_token(&token.hash(), &new, self.clock.now()).unwrap();
        token
    }

    fn finds(&self, token: &ApiToken) -> bool {
        self.tables.find(token).unwrap().is_some()
    }

    fn pass(&self, milliseconds: u64) {
        self.clock.milliseconds.fetch_add(milliseconds, SeqCst);
    }
}

#[test]
fn a_token_is_found_until_it_expires() {
    let scene = Scene::new();
    let (lasting, ending) = (scene.add("a", None), scene.add("b", Some(110)));
    assert_eq!(scene.tables.find(&lasting).unwrap().unwrap().name.as_str(), "a");
    assert!(scene.finds(&ending) && !scene.finds(&ApiToken::generate().unwrap()));
    scene.clock.seconds.store(109, SeqCst);
    assert!(scene.finds(&ending));
    scene.clock.seconds.store(110, SeqCst);
    assert!(!scene.finds(&ending) && scene.finds(&lasting));
    assert_eq!(scene.tables.find_at_hand(&ending), Lookup::Invalid);
}

#[test]
fn the_catalog_is_asked_now_and_then_and_the_tokens_are_read_when_they_have_changed() {
    let scene = Scene::new();
    let token = scene.add("a", None);
    assert_eq!(scene.tables.find_at_hand(&token), Lookup::Unsure);
    assert!(scene.tokens.asked().is_empty(), "what is at hand is known without the catalog");
    assert!(scene.finds(&token));
    assert_eq!(scene.tokens.asked(), ["generation", "tokens"]);
    scene.pass(49);
    assert!(scene.finds(&token) && matches!(scene.tables.find_at_hand(&token), Lookup::Valid(_)));
    assert!(scene.tokens.asked().is_empty());
    scene.pass(1);
    assert_eq!(scene.tables.find_at_hand(&token), Lookup::Unsure);
    assert!(scene.finds(&token));
    assert_eq!(scene.tokens.asked(), ["generation"]);
}

#[test]
fn a_token_that_another_process_has_made_is_found_almost_at_once_and_guessing_costs_little() {
    let scene = Scene::new();
    let guess = ApiToken::generate().unwrap();
    assert!(!scene.finds(&guess));
    scene.tokens.asked();
    let token = scene.add("a", None);
    scene.pass(9);
    assert!(!scene.finds(&token) && !scene.finds(&guess));
    assert!(scene.tokens.asked().is_empty());
    scene.pass(1);
    assert_eq!(scene.tables.find_at_hand(&token), Lookup::Unsure);
    assert!(scene.finds(&token) && !scene.finds(&guess));
    assert_eq!(scene.tokens.asked(), ["generation", "tokens"]);
}

#[test]
fn a_revocation_counts_after_fifty_milliseconds_or_at_once() {
    let scene = Scene::new();
    let (first, second) = (scene.add("a", None), scene.add("b", None));
    assert!(scene.finds(&first) && scene.finds(&second));
    let now = scene.clock.now();
    scene.tokens.revoke_access_token(&"a".parse().unwrap(), now).unwrap();
    scene.pass(50);
    assert!(!scene.finds(&first) && scene.finds(&second));
    scene.tokens.revoke_access_token(&"b".parse().unwrap(), now).unwrap();
    assert!(scene.finds(&second));
    scene.tables.distrust();
    assert!(!scene.finds(&second));
}

#[test]
fn without_an_answer_of_the_catalog_nobody_is_let_in() {
    let scene = Scene::new();
    let token = scene.add("a", None);
    assert!(scene.finds(&token));
    scene.tokens.is_failing.store(true, SeqCst);
    assert!(scene.finds(&token));
    scene.pass(50);
    assert!(scene.tables.find(&token).is_err());
    assert_eq!(scene.tables.find_at_hand(&token), Lookup::Unsure);
    scene.tokens.is_failing.store(false, SeqCst);
    assert!(scene.finds(&token));
}

#[test]
fn a_quota_counts_until_midnight_of_the_clock() {
    let scene = Scene::new();
    let quotas = Quotas { uploads_per_day: Some(1), bytes_per_day: None };
    let token = scene.tables.find(&scene.add_with("a", None, quotas)).unwrap().unwrap();
    scene.clock.seconds.store(86_399, SeqCst);
    assert_eq!(scene.tables.count_upload(&token, 7).unwrap(), Ok(()));
    let (used_up, seconds) = scene.tables.count_upload(&token, 7).unwrap().unwrap_err();
    assert_eq!((used_up.found, used_up.limit, seconds), (2, 1, 1));
    scene.clock.seconds.store(86_400, SeqCst);
    assert_eq!(scene.tables.count_upload(&token, 7).unwrap(), Ok(()));
    let (_, seconds) = scene.tables.count_upload(&token, 7).unwrap().unwrap_err();
    assert_eq!(seconds, 86_400);
}

#[test]
fn without_quotas_the_catalog_is_not_asked_and_without_its_answer_nothing_is_taken() {
    let scene = Scene::new();
    let free = scene.tables.find(&scene.add("a", None)).unwrap().unwrap();
    let quotas = Quotas { uploads_per_day: None, bytes_per_day: Some(9) };
    scene.pass(50);
    let bound = scene.tables.find(&scene.add_with("b", None, quotas)).unwrap().unwrap();
    scene.tokens.asked();
    scene.tokens.is_failing.store(true, SeqCst);
    assert_eq!(scene.tables.count_upload(&free, 7).unwrap(), Ok(()));
    assert!(scene.tokens.asked().is_empty());
    assert!(scene.tables.count_upload(&bound, 7).is_err());
    assert_eq!(scene.tokens.asked(), ["count"]);
}
