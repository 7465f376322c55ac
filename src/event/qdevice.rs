//! What corosync-qdevice says of the external vote server.
//! In: a message of corosync-qdevice. Out: `Qdevice`.
//! Never: knows whether the vote matters; the vote count does.

use super::Kind;
use super::message::{Message, messages};

messages! {
    /// Messages of corosync-qdevice. Source: corosync-qdevice qdevices/.
    pub enum Qdevice {
        /// The server stopped to answer.
        EchoTimeout "qdevice.echo-timeout" {}
            = ["Server didn't send echo reply message on time"] ~ "Server didn't send echo reply message on time";
        /// The server cannot be connected to; `code` is an NSPR error number. Tried again all the time.
        ConnectFailed "qdevice.connect-failed" { code: i64, err: Box<str> }
            = ["Can't connect to qnetd host (", code, "): ", err]
                ~ "Can't connect to qnetd host (-5986): Network address not available (in use?)"
            = ["Can't connect to qnetd host. (", code, "): ", err]
                ~ "Can't connect to qnetd host. (-5986): Network address not available (in use?)";
        /// No connection within the time limit.
        ConnectTimeout "qdevice.connect-timeout" {} = ["Connect timeout"] ~ "Connect timeout";
        /// The connection broke.
        ReadFailed "qdevice.read-failed" {}
            = ["Unhandled error when reading from server. Disconnecting from server"]
                ~ "Unhandled error when reading from server. Disconnecting from server";
        /// The server refuses this node: same node id twice, other tie breaker or algorithm.
        InitRefused "qdevice.init-refused" { code: u32 }
            = ["Received init reply message with error code ", code, ". Disconnecting from server"]
                ~ "Received init reply message with error code 16. Disconnecting from server";
        /// The server sent an error.
        ServerError "qdevice.server-error" { code: u32 }
            = ["Received server error ", code, ". Disconnecting from server"]
                ~ "Received server error 5. Disconnecting from server";
        /// The server's certificate is too old.
        CertificateExpired "qdevice.certificate-expired" {}
            = ["Server certificate is expired."] ~ "Server certificate is expired.";
        /// The server's certificate is not trusted: installed anew, or keys differ. `code` is an NSS error number.
        CertificateRefused "qdevice.certificate-refused" { code: i64, err: Box<str> }
            = ["Server certificate verification failure. (", code, "): ", err]
                ~ "Server certificate verification failure. (-8179): Peer's Certificate issuer is not recognized.";
        /// corosync.conf has no device.
        NoModel "qdevice.no-model" {}
            = ["Can't read quorum.device.model cmap key."] ~ "Can't read quorum.device.model cmap key.";
    }
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Qdevice::parse(message, cut).map(Kind::Qdevice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<Qdevice>();
    }

    #[test]
    fn error_numbers_are_negative() {
        assert_eq!(
            Qdevice::parse(
                "Can't connect to qnetd host. (-5961): TCP connection reset by peer",
                false
            ),
            Some(Qdevice::ConnectFailed {
                code: -5961,
                err: "TCP connection reset by peer".into()
            })
        );
    }
}
