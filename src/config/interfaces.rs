//! Addresses of a node with the size of their networks: /etc/network/interfaces, and what `ip address` prints.
//! In: a document. Out: `Interface`s: one for each address.
//! Never: follows bridges and bonds, or reads a `source` line's files.

use super::text::{Document, Notes, Spot};
use core::net::{IpAddr, Ipv4Addr};

/// An address of an interface.
#[derive(Clone, Debug, PartialEq)]
pub struct Interface {
    /// The node, when that is known.
    pub node: Option<String>,
    /// `vmbr0`.
    pub name: String,
    /// The address.
    pub address: IpAddr,
    /// How many of its bits name the network.
    pub bits: u8,
    /// The line of the address.
    pub at: Spot,
}

/// Reads either form.
pub fn parse(document: &Document, notes: &mut Notes) -> Vec<Interface> {
    let mut found = Vec::new();
    let mut name = String::new();
    // An address whose size stands on a line of its own, as it was written before prefixes were.
    let mut bare: Option<(IpAddr, Spot)> = None;
    for (n, line) in document.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = document.spot(n, line);
        let interface = |address: IpAddr, bits: u8, at: Spot, name: &str| Interface {
            node: document.owner(),
            name: name.to_owned(),
            address,
            bits,
            at,
        };
        match words.as_slice() {
            ["iface", of, ..] => {
                notes.understood += 1;
                name = (*of).to_owned();
                bare = None;
            }
            // `2: eno1: <BROADCAST,…> mtu 1500 …`
            [number, of, ..]
                if number.ends_with(':')
                    && number[..number.len() - 1].parse::<u32>().is_ok()
                    && of.ends_with(':') =>
            {
                notes.understood += 1;
                name = of
                    .trim_end_matches(':')
                    .split('@')
                    .next()
                    .unwrap_or("")
                    .to_owned();
            }
            ["address" | "inet" | "inet6", text, ..] => match sized(text) {
                Some((address, bits)) => {
                    notes.understood += 1;
                    found.push(interface(address, bits, at, &name));
                }
                None => {
                    if let Ok(address) = text.parse() {
                        notes.understood += 1;
                        bare = Some((address, at));
                    }
                }
            },
            ["netmask", text, ..] => {
                if let (Some((address, spot)), Some(bits)) = (bare.take(), mask(text)) {
                    notes.understood += 1;
                    found.push(interface(address, bits, spot, &name));
                }
            }
            _ => {}
        }
    }
    // What every machine has of its own is no network.
    found.retain(|interface| !interface.address.is_loopback());
    found
}

/// `10.20.0.11/24`.
fn sized(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let bits: u8 = bits.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some((address, bits))
}

/// `255.255.255.0`, or `24`.
fn mask(text: &str) -> Option<u8> {
    if let Ok(bits) = text.parse::<u8>() {
        return (bits <= 128).then_some(bits);
    }
    let bits = text.parse::<Ipv4Addr>().ok()?.to_bits();
    // Ones, then zeros: anything else is no mask.
    (bits.leading_ones() + bits.trailing_zeros() == 32 || bits == 0)
        .then_some(bits.leading_ones() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, String, u8, u64)> {
        let document = Document::file("etc/network/interfaces", text);
        let found = parse(&document, &mut Notes::default());
        found
            .into_iter()
            .map(|one| (one.name, one.address.to_string(), one.bits, one.at.line))
            .collect()
    }

    #[test]
    fn addresses_have_their_sizes_in_every_form() {
        let text = "auto lo\niface lo inet loopback\n\niface eno1 inet manual\n\nauto vmbr0\niface vmbr0 inet static\n\taddress 10.20.0.11/27\n\tgateway 10.20.0.1\n\
                    iface eno2 inet static\n  address 10.21.0.11\n  netmask 255.255.254.0\niface eno3 inet6 static\n  address fd00::11\n  netmask 64\n";
        assert_eq!(
            told(text),
            [
                ("vmbr0".into(), "10.20.0.11".into(), 27, 8),
                ("eno2".into(), "10.21.0.11".into(), 23, 11),
                ("eno3".into(), "fd00::11".into(), 64, 14)
            ]
        );
        let shown = "1: lo: <LOOPBACK,UP> mtu 65536\n    inet 127.0.0.1/8 scope host lo\n2: eno1@if3: <UP> mtu 1500\n    inet 10.20.0.11/26 brd 10.20.0.63 scope global eno1\n";
        assert_eq!(told(shown), [("eno1".into(), "10.20.0.11".into(), 26, 4)]);
    }

    #[test]
    fn what_is_no_mask_is_none() {
        assert_eq!(mask("255.255.255.0"), Some(24));
        assert_eq!(mask("255.0.255.0"), None);
        assert_eq!(mask("0.0.0.0"), Some(0));
        assert_eq!(told("address 10.0.0.1/33\nnetmask 24\n"), []);
    }
}
