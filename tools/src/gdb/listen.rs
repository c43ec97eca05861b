//! The address at which the debugger's stub listens.
//!
//! # Invariants
//!
//! It accepts connections from this host only unless another address is written out, since anyone
//! who connects can read the guest's files.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use thiserror::Error;

/// The port that gdb's manual uses.
const PORT: u16 = 1234;

/// An address to listen at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListenAddress(pub SocketAddr);

/// Not an address to listen at.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("not an address to listen at: write PORT, :PORT (this host alone) or IP:PORT")]
pub struct BadAddress;

impl ListenAddress {
    /// The address that a bare `--gdb` stands for.
    pub const DEFAULT: &str = "127.0.0.1:1234";
}

impl FromStr for ListenAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<ListenAddress, BadAddress> {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let port = text.strip_prefix(':').unwrap_or(text);
        if let Ok(port) = port.parse() {
            return Ok(ListenAddress(SocketAddr::new(loopback, port)));
        }
        if let Ok(address) = text.parse() {
            return Ok(ListenAddress(address));
        }
        match text.parse() {
            Ok(ip) => Ok(ListenAddress(SocketAddr::new(ip, PORT))),
            Err(_) => Err(BadAddress),
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listens_at(text: &str) -> Option<String> {
        let parsed = ListenAddress::from_str(text).ok();
        parsed.map(|address| address.to_string())
    }

    #[test]
    fn a_port_alone_is_one_of_this_host() {
        assert_eq!(listens_at("4000").as_deref(), Some("127.0.0.1:4000"));
        assert_eq!(listens_at(":0").as_deref(), Some("127.0.0.1:0"));
        assert_eq!(
            listens_at(ListenAddress::DEFAULT).as_deref(),
            Some("127.0.0.1:1234")
        );
    }

    #[test]
    fn others_listen_only_if_the_address_is_written_out() {
        assert_eq!(listens_at("0.0.0.0:99").as_deref(), Some("0.0.0.0:99"));
        assert_eq!(listens_at("[::1]:99").as_deref(), Some("[::1]:99"));
        assert_eq!(listens_at("10.0.0.1").as_deref(), Some("10.0.0.1:1234"));
        for wrong in ["", ":", "host:1", "65536", "1.2.3.4:x"] {
            assert_eq!(listens_at(wrong), None, "{wrong}");
        }
    }
}
