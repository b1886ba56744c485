//! Address: which of a name's addresses may be dialled.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anybody's.
    Public,
    /// This machine.
    Loopback,
    /// Somebody's own network, or a carrier's.
    Private,
    /// This link only.
    LinkLocal,
    /// A cloud's metadata service: it hands out credentials.
    Metadata,
    /// Many at once.
    Multicast,
    /// Nobody's: unspecified, documentation, reserved.
    Reserved,
}

/// Metadata services that are not link-local: AWS over IPv6, Oracle, Alibaba.
const METADATA_V4: &[Ipv4Addr] = &[
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
];
const METADATA_V6: &[Ipv6Addr] = &[
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0xa9fe, 0xa9fe, 0, 0),
];

/// Tells what an address is for, in whatever spelling an IPv4 address hides in an IPv6 one.
pub fn reach(address: IpAddr) -> Reach {
    match plain(address) {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

/// Whether it may be dialled: public, or in a network that the operator named. A metadata service has to be named by
/// its own address, multicast and nobody's addresses never are.
pub fn allowed(address: IpAddr, granted: &[IpNet]) -> bool {
    let address = plain(address);
    let named = |least: u8| {
        granted.iter().any(|net| {
            net.contains(&address) && net.prefix_len() >= if address.is_ipv4() { least } else { least * 4 }
        })
    };
    match reach(address) {
        Reach::Public => true,
        Reach::Loopback | Reach::Private => named(0),
        Reach::LinkLocal => named(16),
        Reach::Metadata => named(32),
        Reach::Multicast | Reach::Reserved => false,
    }
}

/// The IPv4 address inside an IPv6 one: mapped, compatible, NAT64, 6to4, Teredo.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0xffff] | [0, 0, 0, 0, 0xffff, 0] | [0x64, 0xff9b, 0, 0, 0, 0] => v4(g, h),
        [0, 0, 0, 0, 0, 0] if g != 0 => v4(g, h),
        [0x64, 0xff9b, 1, ..] => v4(g, h),
        [0x2002, high, low, ..] => v4(high, low),
        [0x2001, 0, ..] => v4(!g, !h),
        // ISATAP: any network, and the address in the last 32 bits.
        [_, _, _, _, 0 | 0x200, 0x5efe] => v4(g, h),
        _ => address,
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        _ if METADATA_V4.contains(&address) => Reach::Metadata,
        (127, ..) => Reach::Loopback,
        (10, ..) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Reach::Private,
        (169, 254, _) => Reach::LinkLocal,
        (224..=239, ..) => Reach::Multicast,
        (0, ..) | (240.., ..) | (192, 0, 0 | 2) | (198, 18..=19, _) | (198, 51, 100) | (203, 0, 113) => {
            Reach::Reserved
        }
        (192, 88, 99) => Reach::Reserved,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    if METADATA_V6.contains(&address) {
        return Reach::Metadata;
    }
    let [a, b, ..] = address.segments();
    match (a, b) {
        _ if address.is_loopback() => Reach::Loopback,
        (0xff00..=0xffff, _) => Reach::Multicast,
        (0xfe80..=0xfebf, _) => Reach::LinkLocal,
        (0xfc00..=0xfdff, _) | (0xfec0..=0xfeff, _) => Reach::Private,
        (0x2001, 0xdb8) | (0x3fff, 0..=0xfff) | (0x2001, 0x10..=0x2f) => Reach::Reserved,
        (0x2000..=0x3fff, _) => Reach::Public,
        _ => Reach::Reserved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(address: &str, expected: Reach) {
        assert_eq!(reach(address.parse().expect("an address")), expected, "{address}");
    }

    #[test]
    fn what_addresses_are_for() {
        check("93.184.216.34", Reach::Public);
        check("2606:4700::1111", Reach::Public);
        for text in
            ["127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]
        {
            check(text, Reach::Loopback);
        }
        for text in
            ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12::1", "fec0::1"]
        {
            check(text, Reach::Private);
        }
        for text in ["::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b:1::a00:1", "2001:0:1:2:3:4:f5ff:fffe"] {
            check(text, Reach::Private);
        }
        for text in ["172.15.0.1", "172.32.0.1", "100.128.0.1", "11.0.0.1", "192.169.0.1"] {
            check(text, Reach::Public);
        }
        for text in ["169.254.1.1", "fe80::1", "febf::1", "::ffff:169.254.1.1", "fe80::5efe:a9fe:0101"] {
            check(text, Reach::LinkLocal);
        }
        for text in [
            "169.254.169.254",
            "169.254.170.2",
            "fd00:ec2::254",
            "fd20:ce::254",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "::ffff:a9fe:a9fe",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "fe80::5efe:a9fe:a9fe",
        ] {
            check(text, Reach::Metadata);
        }
        for text in ["224.0.0.1", "239.1.1.1", "ff02::1", "::ffff:224.0.0.1"] {
            check(text, Reach::Multicast);
        }
        for text in ["0.0.0.0", "::", "255.255.255.255", "240.0.0.1", "192.0.2.1", "2001:db8::1", "100::1"] {
            check(text, Reach::Reserved);
        }
    }

    #[test]
    fn what_an_operator_can_allow() {
        #[track_caller]
        fn check(address: &str, granted: &[&str], expected: bool) {
            let granted: Vec<IpNet> = granted.iter().map(|net| net.parse().expect("a network")).collect();
            assert_eq!(
                allowed(address.parse().expect("an address"), &granted),
                expected,
                "{address} {granted:?}"
            );
        }
        check("93.184.216.34", &[], true);
        check("127.0.0.1", &[], false);
        check("127.0.0.1", &["127.0.0.0/8"], true);
        check("::ffff:127.0.0.1", &["127.0.0.0/8"], true);
        check("10.1.2.3", &["10.0.0.0/8"], true);
        check("10.1.2.3", &["10.2.0.0/16"], false);
        check("fd12::1", &["fd12::/16"], true);
        check("169.254.1.1", &["0.0.0.0/0"], false);
        check("169.254.1.1", &["169.254.0.0/16"], true);
        check("169.254.169.254", &["169.254.0.0/16"], false);
        check("169.254.169.254", &["0.0.0.0/0"], false);
        check("169.254.169.254", &["169.254.169.254/32"], true);
        check("fd00:ec2::254", &["fd00::/8"], false);
        check("0.0.0.0", &["0.0.0.0/0"], false);
        check("224.0.0.1", &["0.0.0.0/0"], false);
    }

    proptest! {
        /// An IPv4 address is the same in every spelling that a machine on the way would undo.
        #[test]
        fn no_spelling_helps(bits in any::<u32>()) {
            let v4 = Ipv4Addr::from(bits);
            let (high, low) = ((bits >> 16) as u16, bits as u16);
            let spellings = [
                v4.to_ipv6_mapped(),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, 1, 2, 3, 4, !high, !low),
            ];
            for spelling in spellings {
                prop_assert_eq!(reach(IpAddr::V6(spelling)), reach(IpAddr::V4(v4)), "{}", spelling);
            }
        }
    }
}
