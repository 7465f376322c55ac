//! Addresses, and the networks that they are in.
//! In: text of addresses and networks. Out: whether one is in another.
//! Never: resolves a name; a name is no address.

use core::net::IpAddr;

/// A network: its first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Net {
    address: IpAddr,
    bits: u8,
}

/// An address, if it is one.
pub fn address(text: &str) -> Option<IpAddr> {
    text.trim().parse().ok()
}

impl Net {
    /// `10.0.0.0/24`, or a single address.
    pub fn parse(text: &str) -> Option<Net> {
        let (text, bits) = match text.trim().split_once('/') {
            Some((text, bits)) => (text, Some(bits.parse::<u8>().ok()?)),
            None => (text.trim(), None),
        };
        let address = address(text)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then(|| Net { address, bits }.masked())
    }

    /// The network that an address is most likely in, where nothing says how large it is.
    pub fn around(address: IpAddr) -> Net {
        let bits = if address.is_ipv4() { 24 } else { 64 };
        Net { address, bits }.masked()
    }

    /// The network of so many bits that an address is in.
    pub fn of(address: IpAddr, bits: u8) -> Net {
        let most = if address.is_ipv4() { 32 } else { 128 };
        Net {
            address,
            bits: bits.min(most),
        }
        .masked()
    }

    /// How many bits name it.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// Whether an address is in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4()
            && Net {
                address,
                bits: self.bits,
            }
            .masked()
                == *self
    }

    fn masked(self) -> Net {
        let keep = u32::from(self.bits);
        let address = match self.address {
            IpAddr::V4(v4) => {
                let mask = u32::MAX.checked_shl(32 - keep).unwrap_or(0);
                IpAddr::V4((v4.to_bits() & mask).into())
            }
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128 - keep).unwrap_or(0);
                IpAddr::V6((v6.to_bits() & mask).into())
            }
        };
        Net { address, ..self }
    }
}

impl std::fmt::Display for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_in_their_networks() {
        let net = Net::parse("10.20.0.7/24").unwrap();
        assert_eq!(net.to_string(), "10.20.0.0/24");
        assert!(net.holds(address("10.20.0.200").unwrap()));
        assert!(!net.holds(address("10.21.0.7").unwrap()));
        assert!(
            Net::parse("0.0.0.0/0")
                .unwrap()
                .holds(address("1.2.3.4").unwrap())
        );
        assert!(
            Net::parse("::/0")
                .unwrap()
                .holds(address("fd00::1").unwrap())
        );
        assert!(
            !Net::parse("::/0")
                .unwrap()
                .holds(address("1.2.3.4").unwrap())
        );
        assert_eq!(Net::parse("10.0.0.1/33"), None);
        assert_eq!(address("elm"), None);
        assert_eq!(
            Net::around(address("fd00::1").unwrap()).to_string(),
            "fd00::/64"
        );
    }
}
