//! What every daemon of Proxmox VE says of its own life, and the web server of its clients.
//! In: a message of a daemon. Out: `PveDaemon`.
//! Never: tells whether systemd started it again.

use super::Kind;
use super::message::{Message, Word, messages};

messages! {
    /// Messages of daemons. Source: pve-common src/PVE/Daemon.pm where nothing else is said.
    pub enum PveDaemon {
        /// The daemon begins.
        Starting "pve.daemon-starting" {} = ["starting server"] ~ "starting server";
        /// The daemon executed itself anew: a reload or an upgrade.
        Restarting "pve.daemon-restarting" {}
            = ["restarting server"] ~ "restarting server"
            = ["server shutdown (restart)"] ~ "server shutdown (restart)";
        /// Processes that serve requests are started.
        WorkersStarting "pve.daemon-workers-starting" { count: u32 }
            = ["starting ", count, " worker(s)"] ~ "starting 3 worker(s)";
        /// One was started.
        WorkerStarted "pve.daemon-worker-started" { worker: u32 }
            = ["worker ", worker, " started"] ~ "worker 20711 started";
        /// One ended: they are replaced after a number of requests.
        WorkerFinished "pve.daemon-worker-finished" { worker: Option<u32> }
            = ["worker ", worker, " finished"] ~ "worker 20711 finished"
            = ["worker exit", !worker] ~ "worker exit";
        /// Workers hang, mostly on dead storage or in /etc/pve.
        WorkersHang "pve.daemon-workers-hang" { err: Box<str> }
            = ["error stopping workers (will kill them now) - ", err]
                ~ "error stopping workers (will kill them now) - timeout";
        /// Somebody asked the daemon to end.
        Signal "pve.daemon-signal" { signal: Word } = ["received signal ", signal] ~ "received signal TERM";
        /// It ends.
        Closing "pve.daemon-closing" {} = ["server closing"] ~ "server closing";
        /// It ended in an orderly way.
        Stopped "pve.daemon-stopped" {} = ["server stopped"] ~ "server stopped";
        /// It did not end in time.
        StopSlow "pve.daemon-stop-slow" {}
            = ["server still running - send KILL"] ~ "server still running - send KILL";
        /// Its main loop died.
        Failed "pve.daemon-failed" { err: Box<str> }
            = ["ERROR: ", err] ~ "ERROR: unable to open watchdog socket - No such file or directory";
        /// Another one of its kind runs.
        AlreadyRuns "pve.daemon-already-runs" { path: Box<str>, other: u32 }
            = ["can't acquire lock '", path, "' - daemon already started (pid = ", other, ")"]
                ~ "can't acquire lock '/run/pvestatd.pid.lock' - daemon already started (pid = 1310)";
        /// pmxcfs does not answer: it is down, or it was started anew. Source: pve-cluster src/PVE/Cluster.pm.
        PmxcfsSilent "pve.pmxcfs-silent" { request: u32, err: Box<str> }
            = ["ipcc_send_rec[", request, "] failed: ", err] ~ "ipcc_send_rec[1] failed: Connection refused";
        /// A browser went away, or refuses the certificate. Source: pve-http-server src/PVE/APIServer/AnyEvent.pm.
        ClientProblem "pve.client-problem" { address: Word, err: Box<str> }
            = ["problem with client ", address, "; ", err] ~ "problem with client 192.168.1.20; Connection reset by peer";
        /// A client did not wait for a slow or dead node. Source: pve-http-server src/PVE/APIServer/AnyEvent.pm.
        ClientVanished "pve.client-vanished" {}
            = ["proxy detected vanished client connection"] ~ "proxy detected vanished client connection";
        /// Source: pve-manager PVE/Service/pveproxy.pm.
        Certificate "pve.certificate" { path: Box<str> }
            = ["Using '", path, "' as certificate for the web interface."]
                ~ "Using '/etc/pve/local/pveproxy-ssl.pem' as certificate for the web interface.";
    }
}

/// Reads a message of a daemon.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    PveDaemon::parse(message, cut).map(Kind::PveDaemon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    #[test]
    fn samples_are_read() {
        check_samples::<PveDaemon>();
    }
}
