//! Where a server listens: `<ip>`, `any` or `localhost`, with or without a port.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// The port of the reference server.
const DEFAULT_PORT: u16 = 8020;

/// Where a server listens. IPv6 addresses with a port stand in brackets; port 0 takes a free one.
///
/// ```
/// use amps_server::ListenAddress;
///
/// let address: ListenAddress = "any:9000".parse()?;
/// assert_eq!(address.candidates()[0].port(), 9000);
/// # Ok::<(), amps_server::InvalidListenAddress>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    host: Host,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    Any,
    Localhost,
    Ip(IpAddr),
}

impl ListenAddress {
    /// This machine alone.
    pub(crate) fn localhost(port: u16) -> Self {
        Self { host: Host::Localhost, port }
    }

    /// Reads an address that has this port if it names none.
    pub(crate) fn parse(text: &str, default_port: u16) -> Result<Self, InvalidListenAddress> {
        let invalid = || InvalidListenAddress { found: text.into() };
        // An IPv6 address without brackets has no port: its last colon is its own.
        if let Ok(ip) = text.parse::<Ipv6Addr>() {
            return Ok(Self { host: Host::Ip(ip.into()), port: default_port });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
                (host, port.parse().ok().filter(|_| is_number).ok_or_else(invalid)?)
            }
            _ => (text, default_port),
        };
        let host = match host {
            "any" => Host::Any,
            "localhost" => Host::Localhost,
            _ => match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
                Some(inner) => Host::Ip(inner.parse::<Ipv6Addr>().map_err(|_| invalid())?.into()),
                None => Host::Ip(host.parse::<Ipv4Addr>().map_err(|_| invalid())?.into()),
            },
        };
        Ok(Self { host, port })
    }

    /// The addresses to try, in order, until one can be had: `any` is IPv6, which takes IPv4 too, and IPv4 alone where the
    /// system has no IPv6.
    pub fn candidates(&self) -> Vec<SocketAddr> {
        let hosts = match self.host {
            Host::Any => vec![Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()],
            Host::Localhost => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            Host::Ip(ip) => vec![ip],
        };
        hosts.into_iter().map(|ip: IpAddr| SocketAddr::new(ip, self.port)).collect()
    }

    /// Whether only this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        match self.host {
            Host::Any => false,
            Host::Localhost => true,
            Host::Ip(ip) => ip.is_loopback(),
        }
    }
}

impl Default for ListenAddress {
    fn default() -> Self {
        Self { host: Host::Localhost, port: DEFAULT_PORT }
    }
}

impl FromStr for ListenAddress {
    type Err = InvalidListenAddress;

    fn from_str(text: &str) -> Result<Self, InvalidListenAddress> {
        Self::parse(text, DEFAULT_PORT)
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Host::Any => write!(formatter, "any:{}", self.port),
            Host::Localhost => write!(formatter, "localhost:{}", self.port),
            Host::Ip(ip) => write!(formatter, "{}", SocketAddr::new(ip, self.port)),
        }
    }
}

/// A text that is not a listen address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a listen address: expected `<ip>`, `any` or `localhost`, optionally with `:port`", ampkg::quoted(.found))]
pub struct InvalidListenAddress {
    /// The text.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling() {
        for (text, first) in [
            ("localhost", "127.0.0.1:8020"),
            ("localhost:0", "127.0.0.1:0"),
            ("any", "[::]:8020"),
            ("any:80", "[::]:80"),
            ("192.168.1.2", "192.168.1.2:8020"),
            ("192.168.1.2:65535", "192.168.1.2:65535"),
            ("[::1]:90", "[::1]:90"),
            ("[::1]", "[::1]:8020"),
            ("::1", "[::1]:8020"),
        ] {
            let address: ListenAddress = text.parse().unwrap();
            assert_eq!(address.candidates()[0].to_string(), first, "{text}");
            assert_eq!(address.to_string().parse(), Ok(address));
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            ":80",
            "localhost:",
            "localhost:x",
            "localhost:65536",
            "localhost:+1",
            "example.com",
            "[::1",
            "1.2.3",
            "[1.2.3.4]:1",
        ] {
            assert!(text.parse::<ListenAddress>().is_err(), "{text:?}");
        }
    }
}
