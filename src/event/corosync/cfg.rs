//! What the configuration services say: reloads, shutdowns asked for from afar, the configuration map.
//! In: the message after `[CFG   ] ` or `[CMAP  ] `. Out: `Cfg`.
//! Never: knows what the configuration says.

use crate::event::message::messages;
use crate::model::NodeId;

messages! {
    /// Messages of subsystems CFG and CMAP. Source: corosync exec/cfg.c where nothing else is said.
    pub enum Cfg {
        /// corosync.conf changed and `node` had it read again.
        Reload "corosync.reload" { node: NodeId }
            = ["Config reload requested by node ", node] ~ "Config reload requested by node 1";
        /// A node stops corosync in an orderly way; the others say so before it leaves.
        PeerShutdown "corosync.peer-shutdown" { node: NodeId }
            = ["Node ", node, " was shut down by sysadmin"] ~ "Node 3 was shut down by sysadmin";
        /// Another node made this corosync end.
        KilledBy "corosync.killed-by" { node: NodeId, reason: Box<str> }
            = ["Killed by node ", node, " : ", reason] ~ "Killed by node 2 : removed from cluster"
            = ["Killed by node ", node, ": ", reason] ~ "Killed by node 2: removed from cluster";
        /// A changed entry needs a restart.
        NotAtRunTime "corosync.not-at-run-time" { key: Box<str> }
            = ["Modified entry '", key, "' in corosync.conf cannot be changed at run-time"]
                ~ "Modified entry 'totem.cluster_name' in corosync.conf cannot be changed at run-time";
        /// The new corosync.conf does not parse; the old one stays in force.
        ReloadFailed "corosync.reload-failed" { err: Box<str> }
            = ["Unable to reload config file: ", err]
                ~ "Unable to reload config file: parser error: /etc/corosync/corosync.conf:14: Missing closing brace";
        /// The new configuration contradicts itself. Since 3.1.
        ReloadInvalid "corosync.reload-invalid" { err: Box<str> }
            = ["Configuration is not valid: ", err]
                ~ "Configuration is not valid: parse error in config: Not all nodes have the same number of links";
        /// The new links are unusable. Since 3.1.
        ReloadInterfaces "corosync.reload-interfaces" { err: Box<str> }
            = ["Cannot configure new interface definitions: ", err]
                ~ "Cannot configure new interface definitions: failed to parse node address 'pve9'";
        /// The new ciphers or key are unusable. Since 3.1.
        ReloadCrypto "corosync.reload-crypto" { err: Box<str> }
            = ["Crypto configuration is not valid: ", err]
                ~ "Crypto configuration is not valid: Could not open /etc/corosync/authkey: No such file or directory";
        /// The reload worked by half; a restart is needed. Since 3.1.
        ReloadHalf "corosync.reload-half" {}
            = ["Error making new config live. cmap database may be inconsistent"]
                ~ "Error making new config live. cmap database may be inconsistent";
        /// The others have another config_version and corosync ends. Source: exec/cmap.c.
        ConfigVersion "corosync.config-version" { theirs: u64, mine: u64 }
            = ["Received config version (", theirs, ") is different than my config version (", mine, ")! Exiting"]
                ~ "Received config version (7) is different than my config version (6)! Exiting"
            = ["Received config version (", theirs, ") is different than my config version (", mine, ")!"]
                ~ "Received config version (7) is different than my config version (6)!";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::{Message, check_samples};

    #[test]
    fn samples_are_read() {
        check_samples::<Cfg>();
    }

    #[test]
    fn the_node_that_stops_is_named() {
        assert_eq!(
            Cfg::parse("Node 24 was shut down by sysadmin", false),
            Some(Cfg::PeerShutdown { node: NodeId(24) })
        );
    }
}
