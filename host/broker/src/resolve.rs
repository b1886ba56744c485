//! Resolve once, check, and dial what was checked: there is no second lookup that could say something else.

use crate::address::{Reach, allowed, reach};
use crate::message::Later;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Addresses of one name that are looked at.
const MAX_ADDRESSES: usize = 16;

/// Finds the addresses of a name.
pub trait Resolver: Send + Sync {
    /// All of them, whatever they are; checking is the caller's.
    fn resolve(&self, name: String) -> Later<'static, std::io::Result<Vec<IpAddr>>>;
}

/// As this machine does.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, name: String) -> Later<'static, std::io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// No address of the name may be dialled.
#[derive(Debug, thiserror::Error)]
#[error("no address that may be dialled")]
pub(crate) struct Forbidden;

/// The name has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name does not resolve")]
pub(crate) struct Unknown;

/// A resolver that gives only what may be dialled.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) granted: Arc<[IpNet]>,
    /// The connection is not encrypted: then only to networks that the operator named, or to this machine's.
    pub(crate) plain: bool,
}

impl Guard {
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        let named = || self.granted.iter().any(|net| net.contains(&address) && net.prefix_len() > 0);
        allowed(address, &self.granted) && (!self.plain || reach(address) != Reach::Public || named())
    }
}

impl reqwest::dns::Resolve for Guard {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.resolver.resolve(name.as_str().to_owned()).await.map_err(|_| Unknown)?;
            if found.is_empty() {
                return Err(Unknown.into());
            }
            let checked: Vec<SocketAddr> = found
                .into_iter()
                .take(MAX_ADDRESSES)
                .filter(|address| guard.allows(*address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if checked.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(checked.into_iter()) as reqwest::dns::Addrs)
        })
    }
}
