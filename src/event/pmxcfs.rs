//! What pmxcfs says: the cluster file system below `/etc/pve` and its groups in corosync.
//! In: its message with `[domain] priority: ` before it. Out: `Domain`, `Pmxcfs`.
//! Never: relates a sync to its members; `cluster` does.

use super::Kind;
use super::message::{CsError, Field, Hex, Message, Word, messages, until, words};
use crate::model::{Member, NodeId};
use nom::bytes::complete::take_till1;
use nom::character::complete::{alpha1, char, digit1};
use nom::combinator::{all_consuming, opt, success, value};
use nom::sequence::preceded;
use nom::{IResult, Parser};

words! {
    /// Which service of pmxcfs printed a line.
    pub enum Domain { Main = "main", Dcdb = "dcdb", Status = "status", Quorum = "quorum", Confdb = "confdb", Database = "database", Ipcs = "ipcs", Libqb = "libqb", Memdb = "memdb", Loop = "loop" }
}

words! {
    /// Which library of corosync a call went to: process groups, quorum, configuration.
    pub enum Library { Cpg = "cpg", Quorum = "quorum", Cmap = "cmap" }
}

messages! {
    /// Messages of pmxcfs. Source of all: pve-cluster src/pmxcfs/*.c; the file is named with the first message of it.
    pub enum Pmxcfs {
        /// This partition is quorate: `/etc/pve` may be written. Source: status.c.
        QuorumGained "pmxcfs.quorum-gained" {} = ["node has quorum"] ~ "node has quorum";
        /// This partition is not quorate, or corosync is gone: `/etc/pve` is read-only.
        QuorumLost "pmxcfs.quorum-lost" {} = ["node lost quorum"] ~ "node lost quorum";
        /// Node list or configuration version were read anew.
        ClusterInfo "pmxcfs.cluster-info" { name: Box<str>, version: u64 }
            = ["update cluster info (cluster name ", name, ", version = ", version, ")"] ~ "update cluster info (cluster name  prod, version = 7)";
        /// The same guest id has configurations on two nodes.
        DuplicateVmid "pmxcfs.duplicate-vmid" { vmid: u32 }
            = ["detected duplicate VMID ", vmid] ~ "detected duplicate VMID 100";
        /// The cluster log of another node came in.
        LogReceived "pmxcfs.log-received" {} = ["received log"] ~ "received log";
        /// Statistics were not stored.
        RrdUpdateError "pmxcfs.rrd-update-error" { file: Word, error: Box<str> }
            = ["RRD update error ", file, ": ", error] ~ "RRD update error /var/lib/rrdcached/db/pve2-storage/pve1/local: opening '/var/lib/rrdcached/db/pve2-storage/pve1/local': No such file or directory";
        /// rrdcached refused statistics, with this status.
        RrdcUpdateError "pmxcfs.rrdc-update-error" { file: Word, code: i64 }
            = ["RRDC update error ", file, ": ", code] ~ "RRDC update error /var/lib/rrdcached/db/pve2-node/pve1: -1";
        /// A file for statistics was not made.
        RrdCreateError "pmxcfs.rrd-create-error" { file: Word, error: Box<str> }
            = ["RRD create error ", file, ": ", error] ~ "RRD create error /var/lib/rrdcached/db/pve-vm-9.0/100: Cannot create temporary file";
        /// A node of another release sends statistics that this one does not know.
        RrdUnknownKey "pmxcfs.rrd-unknown-key" { key: Box<str> }
            = ["RRD update error: unknown/wrong key ", key] ~ "RRD update error: unknown/wrong key pve-vm-9.0/100";
        /// A status message is too short, in bytes.
        ShortStatus "pmxcfs.short-status" { bytes: u32 }
            = ["received short kvstore message (", bytes, " < 256)"] ~ "received short kvstore message (12 < 256)";
        /// Who is in the process group. Source: dfsm.c.
        Members "pmxcfs.members" { members: Vec<Member> }
            = ["members: ", members] ~ "members: 1/1450, 2/1387, 3/1402";
        /// The group changed and its members begin to compare their states; upstream leaves out an `h`.
        SyncStart "pmxcfs.sync-start" {}
            = ["starting data syncronisation"] ~ "starting data syncronisation"
            = ["starting data synchronisation"] ~ "starting data synchronisation";
        /// The member with the lowest node id asks for states; `epoch` counts group changes since its pmxcfs started.
        SyncRequest "pmxcfs.sync-request" { epoch_node: NodeId, epoch_pid: u32, epoch: Hex }
            = ["received sync request (epoch ", epoch_node, "/", epoch_pid, "/", epoch, ")"] ~ "received sync request (epoch 1/1450/0000000A)";
        /// Every member sent its state.
        AllStates "pmxcfs.all-states" {} = ["received all states"] ~ "received all states";
        /// This member is in sync, or alone.
        UpToDate "pmxcfs.up-to-date" {} = ["all data is up to date"] ~ "all data is up to date";
        /// This member's copy is older than the leader's.
        WaitingForUpdates "pmxcfs.waiting-for-updates" {}
            = ["waiting for updates from leader"] ~ "waiting for updates from leader";
        /// It joins its process group, for the first time or again.
        Connect "pmxcfs.connect" {} = ["start cluster connection"] ~ "start cluster connection";
        /// It gives up its place in the group and comes back some seconds later.
        LeavingGroup "pmxcfs.leaving-group" {} = ["leaving CPG group"] ~ "leaving CPG group";
        /// It never comes back to the group by itself.
        SeriousError "pmxcfs.serious-error" {}
            = ["serious internal error - stop cluster connection"] ~ "serious internal error - stop cluster connection";
        /// Another node speaks a protocol that this one does not.
        NewerProtocol "pmxcfs.newer-protocol" {}
            = ["detected newer protocol - please update this node"] ~ "detected newer protocol - please update this node";
        /// corosync took this process out of the group.
        LeftGroup "pmxcfs.left-group" { member: Member }
            = ["we (", member, ") left the process group"] ~ "we (1/1450) left the process group";
        /// corosync takes no message; how many tries, 100 ms each, printed at every tenth.
        SendRetry "pmxcfs.send-retry" { n: u32 }
            = ["cpg_send_message retry ", n] ~ "cpg_send_message retry 10";
        /// A message went out after this many tries of 100 ms.
        SendRetried "pmxcfs.send-retried" { n: u32 }
            = ["cpg_send_message retried ", n, " times"] ~ "cpg_send_message retried 23 times";
        /// A message was not sent, so a write below `/etc/pve` failed.
        SendFailed "pmxcfs.send-failed" { error: CsError }
            = ["cpg_send_message failed: ", error] ~ "cpg_send_message failed: 9"
            = ["cpg_send_message failed: ", error] ~ "cpg_send_message failed: CS_ERR_BAD_HANDLE";
        /// Follows the first failure of a series. Source: loop.c.
        CantInitialize "pmxcfs.cant-initialize" {} = ["can't initialize service"] ~ "can't initialize service";
        /// corosync lets nobody join yet; how many tries.
        JoinRetry "pmxcfs.join-retry" { n: u32 } = ["cpg_join retry ", n] ~ "cpg_join retry 20";
        /// The group refused this process.
        JoinFailed "pmxcfs.join-failed" { error: CsError }
            = ["cpg_join failed: ", error] ~ "cpg_join failed: 14";
        /// Leaving the group takes time; how many tries.
        LeaveRetry "pmxcfs.leave-retry" { n: u32 } = ["cpg_leave retry ", n] ~ "cpg_leave retry 10";
        /// There was no group to leave any more.
        LeaveFailed "pmxcfs.leave-failed" { error: CsError }
            = ["cpg_leave failed: ", error] ~ "cpg_leave failed: 2";
        /// Messages that waited for a sync are delivered now; how many.
        QueueLength "pmxcfs.queue-length" { n: u32 }
            = ["dfsm_deliver_queue: queue length ", n] ~ "dfsm_deliver_queue: queue length 12";
        /// Messages of a sync that were held back are delivered now; how many.
        SyncQueueLength "pmxcfs.sync-queue-length" { n: u32 }
            = ["dfsm_deliver_sync_queue: queue length ", n] ~ "dfsm_deliver_sync_queue: queue length 3";
        /// The group changed while messages waited; they are sent again.
        QueueResent "pmxcfs.queue-resent" { n: u32 }
            = ["queue not emtpy - resening ", n, " messages"] ~ "queue not emtpy - resening 4 messages";
        /// A waiting message of a member that left was dropped.
        NonMemberMessage "pmxcfs.non-member-message" { member: Member }
            = ["remove message from non-member ", member] ~ "remove message from non-member 3/1402";
        /// The hourly check found that this copy differs; it is synchronised again.
        WrongChecksum "pmxcfs.wrong-checksum" { theirs: Hex, mine: Hex }
            = ["wrong checksum ", theirs, " != ", mine, " - restarting"] ~ "wrong checksum 00A1B2C3D4E5F607 != 11A1B2C3D4E5F607 - restarting";
        /// The hourly check passed.
        VerifyOk "pmxcfs.verify-ok" {} = ["data verification successful"] ~ "data verification successful";
        /// The hourly check was not possible.
        VerifySkip "pmxcfs.verify-skip" {}
            = ["skip verification - no checksum saved"] ~ "skip verification - no checksum saved";
        /// A member that is not the lowest asked for a sync: views differ.
        WrongMemberSync "pmxcfs.wrong-member-sync" { member: Member }
            = ["ignore sync request from wrong member ", member] ~ "ignore sync request from wrong member 2/947";
        /// A state came of somebody who is not in the group.
        StateNonMember "pmxcfs.state-non-member" { member: Member }
            = ["received state for non-member ", member] ~ "received state for non-member 3/1402";
        /// A member sent its state twice.
        StateDuplicate "pmxcfs.state-duplicate" { member: Member }
            = ["received duplicate state for member ", member] ~ "received duplicate state for member 3/1402";
        /// A message has this newer protocol version.
        ProtocolVersion "pmxcfs.protocol-version" { version: u32 }
            = ["received message with protocol version ", version] ~ "received message with protocol version 2";
        /// The sync could not be begun.
        SyncStartFailed "pmxcfs.sync-start-failed" {}
            = ["failed to send SYNC_START message"] ~ "failed to send SYNC_START message";
        /// This member could not describe its own state.
        StateFailed "pmxcfs.state-failed" {} = ["dfsm_get_state_fn failed"] ~ "dfsm_get_state_fn failed";
        /// A message came of a member that the state machine does not know.
        LookupFailed "pmxcfs.lookup-failed" {} = ["dfsm_node_info_lookup failed"] ~ "dfsm_node_info_lookup failed";
        /// Whose copy counts. Source: dcdb.c.
        Leader "pmxcfs.leader" { member: Member } = ["leader is ", member] ~ "leader is 1/1450";
        /// Whose copies equal the leader's.
        SyncedMembers "pmxcfs.synced-members" { members: Vec<Member> }
            = ["synced members: ", members] ~ "synced members: 1/1450, 2/1387";
        /// The leader begins to send what others miss.
        SendingUpdates "pmxcfs.sending-updates" {} = ["start sending inode updates"] ~ "start sending inode updates";
        /// The leader sent this many entries.
        SentUpdates "pmxcfs.sent-updates" { n: u32 } = ["sent all (", n, ") updates"] ~ "sent all (2) updates";
        /// A member that was behind got this many entries.
        UpdateComplete "pmxcfs.update-complete" { updates: u32 }
            = ["update complete - trying to commit (got ", updates, " inode updates)"] ~ "update complete - trying to commit (got 5 inode updates)";
        /// A write reached this node while it had no quorum; it leaves the group and syncs again.
        WriteNotQuorate "pmxcfs.write-not-quorate" {}
            = ["received write while not quorate - trigger resync"] ~ "received write while not quorate - trigger resync";
        /// A changed cluster configuration was copied to this node.
        ConfWritten "pmxcfs.conf-written" { path: Box<str>, version: u64 }
            = ["wrote new corosync config '", path, "' (version = ", version, ")"] ~ "wrote new corosync config '/etc/corosync/corosync.conf' (version = 8)";
        /// This node's configuration has a higher version than the cluster's.
        ConfNewer "pmxcfs.conf-newer" {} = ["local corosync.conf is newer"] ~ "local corosync.conf is newer";
        /// corosync did not take the new configuration.
        ReloadFailed "pmxcfs.reload-failed" { code: i64 }
            = ["corosync-cfgtool -R failed with exit code ", code] ~ "corosync-cfgtool -R failed with exit code 1";
        /// The configuration cannot be read.
        ConfReadFailed "pmxcfs.conf-read-failed" { path: Box<str>, error: Box<str> }
            = ["unable to read cluster config file '", path, "' - ", error] ~ "unable to read cluster config file '/etc/corosync/corosync.conf' - Failed to open file \"/etc/corosync/corosync.conf\": Permission denied";
        /// The configuration has no version.
        ConfNoVersion "pmxcfs.conf-no-version" {}
            = ["unable to parse cluster config_version"] ~ "unable to parse cluster config_version";
        /// No copy could be chosen as the one that counts.
        NoLeader "pmxcfs.no-leader" {} = ["unable to select leader failed"] ~ "unable to select leader failed";
        /// A file system message is too short, in bytes.
        ShortMessage "pmxcfs.short-message" { bytes: u32 }
            = ["received short fuse message (", bytes, " < 20)"] ~ "received short fuse message (8 < 20)";
        /// A node of another release sent a message of an unknown type.
        UnknownType "pmxcfs.unknown-type" { message_type: u32 }
            = ["received unknown message type (msg_type == ", message_type, ")"] ~ "received unknown message type (msg_type == 17)";
        /// corosync runs without a quorum provider. Source: quorum.c.
        WrongQuorumType "pmxcfs.wrong-quorum-type" { quorum_type: u32 }
            = ["quorum_initialize returned wrong quorum_type: ", quorum_type] ~ "quorum_initialize returned wrong quorum_type: 0";
        /// Quorum cannot be followed; what pmxcfs does about it.
        TrackFailed "pmxcfs.track-failed" { error: CsError, reaction: Box<str> }
            = ["quorum_trackstart failed: ", error, " - ", reaction] ~ "quorum_trackstart failed: CS_ERR_TRY_AGAIN - trying again";
        /// Following a configuration value could not be ended. Source: confdb.c.
        TrackDeleteFailed "pmxcfs.track-delete-failed" { key: Word, error: CsError }
            = ["cmap_track_delete ", key, " failed: ", error] ~ "cmap_track_delete nodelist failed: 9";
        /// A configuration value is missing.
        GetFailed "pmxcfs.get-failed" { key: Word, error: CsError }
            = ["cmap_get ", key, " failed ", error] ~ "cmap_get totem.cluster_name failed 12";
        /// pmxcfs starts and knows its address. Source: pmxcfs.c.
        Resolved "pmxcfs.resolved" { node: Box<str>, address: Box<str> }
            = ["resolved node name '", node, "' to '", address, "' for default node IP address"] ~ "resolved node name 'pve1' to '10.0.0.11' for default node IP address";
        /// `/etc/pve` is being unmounted.
        Teardown "pmxcfs.teardown" {} = ["teardown filesystem"] ~ "teardown filesystem";
        /// pmxcfs has ended with this status.
        Exit "pmxcfs.exit" { code: i64 }
            = ["exit proxmox configuration filesystem (", code, ")"] ~ "exit proxmox configuration filesystem (0)";
        /// pmxcfs does not start because its node name has no address.
        ResolveFailed "pmxcfs.resolve-failed" { node: Option<Box<str>> }
            = ["Unable to resolve node name '", node, "' to a non-loopback IP address - missing entry in '/etc/hosts' or DNS?"] ~ "Unable to resolve node name 'pve1' to a non-loopback IP address - missing entry in '/etc/hosts' or DNS?"
            = ["Unable to get local IP address", !node] ~ "Unable to get local IP address";
        /// Another pmxcfs still runs.
        LockRetry "pmxcfs.lock-retry" {}
            = ["unable to acquire pmxcfs lock - trying again"] ~ "unable to acquire pmxcfs lock - trying again";
        /// Another pmxcfs runs and this one ends.
        LockFailed "pmxcfs.lock-failed" { error: Box<str> }
            = ["unable to acquire pmxcfs lock: ", error] ~ "unable to acquire pmxcfs lock: Resource temporarily unavailable";
        /// The database behind `/etc/pve` cannot be opened.
        DatabaseOpenFailed "pmxcfs.database-open-failed" { path: Box<str> }
            = ["memdb_open failed - unable to open database '", path, "'"] ~ "memdb_open failed - unable to open database '/var/lib/pve-cluster/config.db'";
        /// `/etc/pve` cannot be mounted.
        MountFailed "pmxcfs.mount-failed" { error: Box<str> }
            = ["fuse_mount error: ", error] ~ "fuse_mount error: File exists";
        /// Started by hand without cluster: writable without quorum.
        LocalMode "pmxcfs.local-mode" {}
            = ["forcing local mode (although corosync.conf exists)"] ~ "forcing local mode (although corosync.conf exists)";
        /// The system's user database lacks the web server's group.
        NoGroup "pmxcfs.no-group" {} = ["Unable to get www-data group ID"] ~ "Unable to get www-data group ID";
        /// A file outside `/etc/pve` could not be written. Source: cfs-utils.c.
        CreateFailed "pmxcfs.create-failed" { path: Box<str>, error: Box<str> }
            = ["Failed to create file '", path, "': ", error] ~ "Failed to create file '/etc/corosync/corosync.conf.tmp.1450': Read-only file system";
        /// Somebody switched debugging on; lines get longer.
        DebugOn "pmxcfs.debug-on" {} = ["enable debug mode"] ~ "enable debug mode";
        /// Debugging is off again.
        DebugOff "pmxcfs.debug-off" {} = ["disable debug mode"] ~ "disable debug mode";
        /// A change could not be stored. Source: database.c.
        StepFailed "pmxcfs.step-failed" { error: Box<str> }
            = ["sqlite3_step failed: ", error] ~ "sqlite3_step failed: database or disk is full";
        /// Changes could not be stored.
        CommitFailed "pmxcfs.commit-failed" { error: Box<str> }
            = ["commit transaction failed: ", error] ~ "commit transaction failed: disk I/O error";
        /// The database takes no changes.
        BeginFailed "pmxcfs.begin-failed" { error: Box<str> }
            = ["begin transaction failed: ", error] ~ "begin transaction failed: database is locked";
        /// The database has one name twice; pmxcfs does not start.
        DuplicateName "pmxcfs.duplicate-name" { name: Box<str>, detail: Box<str> }
            = ["found entry with duplicate name '", name, "' - ", detail] ~ "found entry with duplicate name 'lrm_status' - A:(inode = 0x0000000000A3D5F1, parent = 0x000000000000000B, v./mtime = 0xA3D5F1/0x1718610000) vs. B:(inode = 0x0000000000A3D5F2, parent = 0x000000000000000B, v./mtime = 0xA3D5F2/0x1718610001)";
        /// The database cannot be loaded; pmxcfs ends.
        LoadFailed "pmxcfs.load-failed" {} = ["DB load failed"] ~ "DB load failed";
        /// The database has an entry without its directory.
        MissingInode "pmxcfs.missing-inode" { inode: Hex }
            = ["missing directory inode (inode = ", inode, ")"] ~ "missing directory inode (inode = 0000000000A3D5F1)";
        /// A process of this user tried to use pmxcfs and may not. Source: server.c.
        BadUser "pmxcfs.bad-user" { uid: u32 }
            = ["connection from bad user ", uid, "! - rejected"] ~ "connection from bad user 1000! - rejected";
        /// A process could not connect to pmxcfs. Source: libqb lib/ipc_setup.c.
        ConnectionRefused "pmxcfs.connection-refused" { connection: Box<str>, error: Box<str> }
            = ["Error in connection setup (", connection, "): ", error] ~ "Error in connection setup (/dev/shm/qb-1450-9123-36-9xZx0a/qb): Unknown error -1 (-1)";
        /// pmxcfs cannot serve anybody. Source: server.c.
        ServerFailed "pmxcfs.server-failed" { error: Box<str> }
            = ["qb_ipcs_create failed: ", error] ~ "qb_ipcs_create failed: Address already in use";
        /// A process did not fetch its answer.
        AnswerFailed "pmxcfs.answer-failed" { error: Box<str> }
            = ["qb_ipcs_response_send: ", error] ~ "qb_ipcs_response_send: Resource temporarily unavailable";
        // Last come those that no word of their own begins: whatever else a line is, is told sooner.
        /// A connection to corosync broke. Sources: dfsm.c, quorum.c, confdb.c.
        DispatchFailed "pmxcfs.dispatch-failed" { what: Library, error: CsError }
            = [what, "_dispatch failed: ", error] ~ "cpg_dispatch failed: 2"
            = [what, "_dispatch failed: ", error] ~ "quorum_dispatch failed: CS_ERR_LIBRARY";
        /// corosync does not answer at once; how many tries. Sources: as before.
        DispatchRetry "pmxcfs.dispatch-retry" { what: Library, n: u32 }
            = [what, "_dispatch retry ", n] ~ "quorum_dispatch retry 10";
        /// corosync cannot be reached. Sources: dfsm.c, quorum.c, confdb.c.
        InitializeFailed "pmxcfs.initialize-failed" { what: Library, error: CsError }
            = [what, "_initialize failed: ", error] ~ "cpg_initialize failed: 2"
            = [what, "_initialize failed: ", error] ~ "cmap_initialize failed: CS_ERR_LIBRARY (failed to connect to corosync)";
        /// A handle of a broken connection was closed with an error. Sources: quorum.c, confdb.c.
        FinalizeFailed "pmxcfs.finalize-failed" { what: Library, error: CsError }
            = [what, "_finalize failed: ", error] ~ "quorum_finalize failed: 9";
    }
}

/// Reads a message of pmxcfs; its domain is unknown where a copy left the prefix out.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    let (text, domain) = prefix(message).unwrap_or((message, Domain::Other("".into())));
    body(domain, text, cut)
}

/// Reads a message whose program is not named: with a prefix of pmxcfs, or in words that no other program uses.
pub fn read_alone(message: &str, cut: bool) -> Option<Kind> {
    match prefix(message) {
        Ok((_, Domain::Other(_))) => None,
        Ok((text, domain)) => body(domain, text, cut),
        Err(_) => body(Domain::Other("".into()), message, cut).filter(is_unmistakable),
    }
}

/// `[dcdb] notice: `; old releases and some copies have no priority.
fn prefix(message: &str) -> IResult<&str, Domain> {
    // Nearly every message begins with this one, and with a domain that is known.
    if let Some(inside) = message.strip_prefix('[')
        && let Some(end) = inside.bytes().position(|byte| byte == b']')
        && let Some(text) = inside[end..].strip_prefix("] notice: ")
        && let Some(domain) = Domain::known(&inside[..end])
    {
        return Ok((text, domain));
    }
    let (inside, _) = char('[').parse(message)?;
    let (behind, word) = until("]", inside)?;
    let (_, domain) = Domain::read(word, None)?;
    preceded((char(']'), opt(char(' ')), opt(priority)), success(domain)).parse(behind)
}

/// `notice: `
fn priority(input: &str) -> IResult<&str, ()> {
    value((), (alpha1, char(':'), char(' '))).parse(input)
}

/// ` (dfsm.c:468:dfsm_set_mode)`: what debugging adds to every line.
fn without_origin(text: &str) -> &str {
    let Some((message, tail)) = text
        .ends_with(')')
        .then(|| text.rsplit_once(" ("))
        .flatten()
    else {
        return text;
    };
    let file = take_till1(|c: char| c == ':' || c == ' ');
    let function = take_till1(|c: char| c == ')' || c == ' ');
    let origin: IResult<&str, _> =
        all_consuming((file, char(':'), digit1, char(':'), function, char(')'))).parse(tail);
    origin.map_or(text, |_| message)
}

fn body(domain: Domain, text: &str, cut: bool) -> Option<Kind> {
    let cut = cut && text.len() >= super::ha::ENOUGH;
    let message = Pmxcfs::parse(without_origin(text), cut)?;
    match message {
        // The end of a list that was cut is neither a member that left nor the pid of one.
        Pmxcfs::Members { .. } | Pmxcfs::SyncedMembers { .. } if cut => None,
        Pmxcfs::DispatchFailed { ref what, .. }
        | Pmxcfs::DispatchRetry { ref what, .. }
        | Pmxcfs::InitializeFailed { ref what, .. }
        | Pmxcfs::FinalizeFailed { ref what, .. }
            if matches!(what, Library::Other(_)) =>
        {
            None
        }
        message => Some(Kind::Pmxcfs(domain, message)),
    }
}

/// Whether the text alone tells that pmxcfs said it.
fn is_unmistakable(kind: &Kind) -> bool {
    use Pmxcfs::{
        AllStates, AnswerFailed, BeginFailed, CommitFailed, ConnectionRefused, CreateFailed,
        DebugOff, DebugOn, Leader, LogReceived, Members, MissingInode, MountFailed,
        ProtocolVersion, QueueLength, ResolveFailed, ServerFailed, StepFailed, VerifyOk,
    };
    let Kind::Pmxcfs(_, message) = kind else {
        return false;
    };
    match message {
        Members { members } => !members.is_empty(),
        LogReceived {}
        | AllStates {}
        | ProtocolVersion { .. }
        | QueueLength { .. }
        | Leader { .. }
        | VerifyOk {}
        | CreateFailed { .. }
        | DebugOn {}
        | DebugOff {}
        | StepFailed { .. }
        | CommitFailed { .. }
        | BeginFailed { .. }
        | MountFailed { .. }
        | MissingInode { .. }
        | ConnectionRefused { .. }
        | ServerFailed { .. }
        | AnswerFailed { .. } => false,
        ResolveFailed { node } => node.is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
