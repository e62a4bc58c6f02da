//! `chromedriver` as a process, and HTTP to it.

use std::{
    error::Error,
    fs::File,
    future::Future,
    io::{BufRead as _, BufReader},
    path::Path,
    pin::Pin,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};

use amps_testkit::thirtyfour::{
    error::{WebDriverError, WebDriverErrorInner, WebDriverResult},
    session::http::{Body, HttpClient},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Bytes, header::HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// How often it is started before a test gives up.
const ATTEMPTS: usize = 5;

/// `chromedriver` on a port that it has chosen. It ends with this value, and the browsers that it has started end with it.
pub(crate) struct Chromedriver {
    child: Child,
    /// Read no more, but open: whoever prints must have somewhere to print to.
    stdout: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Chromedriver {
    /// Starts it; what it and its browsers write goes into the folder `home`.
    pub(crate) fn start(home: &Path) -> Self {
        // It takes a free port of IPv4 and wants the same one of IPv6, which may be somebody's: then it ends.
        let mut printed = String::new();
        let started = (0..ATTEMPTS).find_map(|_| Self::attempt(home, &mut printed));
        started.unwrap_or_else(|| panic!("chromedriver ended: {printed}"))
    }

    /// None if it ends before it listens.
    fn attempt(home: &Path, printed: &mut String) -> Option<Self> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .env("HOME", home)
            .env("TMPDIR", home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(home.join("chromedriver.log")).unwrap())
            .spawn()
            .expect("chromedriver cannot be run (Debian: apt-get install chromium chromium-driver)");
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut started = Self { child, stdout, url: String::new() };
        loop {
            let start = printed.len();
            if started.stdout.read_line(printed).unwrap() == 0 {
                return None;
            }
            if let Some((_, port)) = printed[start..].trim_end().split_once("started successfully on port ") {
                started.url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
                return Some(started);
            }
        }
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection for each command: they are few, and nothing is left open.
pub(crate) struct Client;

impl HttpClient for Client {
    fn send<'a, 'b, 'c>(
        &'a self,
        request: Request<Body<'b>>,
    ) -> Pin<Box<dyn Future<Output = WebDriverResult<Response<Bytes>>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            let failed = |error: Box<dyn Error + Send + Sync>| {
                WebDriverError::from_inner(WebDriverErrorInner::RequestFailed(error.to_string()))
            };
            answer(request).await.map_err(failed)
        })
    }

    fn new<'a, 'b>(&'a self) -> Pin<Box<dyn Future<Output = Arc<dyn HttpClient>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async { Arc::new(Self) as Arc<dyn HttpClient> })
    }
}

async fn answer(request: Request<Body<'_>>) -> Result<Response<Bytes>, Box<dyn Error + Send + Sync>> {
    let (mut parts, body) = request.into_parts();
    let bytes = match body {
        Body::Empty => Vec::new(),
        Body::Json(value) => value.to_string().into_bytes(),
    };
    let authority = parts.uri.authority().ok_or("the URL has no host")?.to_string();
    let stream = TcpStream::connect(&authority).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    parts.headers.insert(HOST, authority.parse()?);
    parts.uri = parts.uri.path_and_query().ok_or("the URL has no path")?.as_str().parse()?;
    let exchange = async {
        let answer = sender.send_request(Request::from_parts(parts, Full::new(Bytes::from(bytes)))).await?;
        let (parts, body) = answer.into_parts();
        Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
    };
    tokio::pin!(exchange, connection);
    tokio::select! {
        answer = &mut exchange => answer,
        ended = &mut connection => { ended?; exchange.await }
    }
}
