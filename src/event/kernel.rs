//! What the kernel says of boots, watchdogs, lockups, memory, network cards and storage.
//! In: a message of the kernel, with or without its uptime stamp. Out: `Kernel`.
//! Never: joins the lines of one trace.

use super::Kind;
use super::message::until;
use super::message::{Field, Message, Word, messages};
use crate::model::Value;
use nom::combinator::map_opt;
use nom::{IResult, Parser};

/// The network interface that drivers put before what they say: `eno1: `, or with a second prefix `eno3: igb: eno3 `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface(pub Box<str>);

impl Field for Interface {
    fn read<'a>(input: &'a str, stop: Option<&'static str>) -> IResult<&'a str, Self> {
        let mut first = map_opt(
            |input| until(stop.unwrap_or(" "), input),
            |text: &str| {
                let mut words = text.split_ascii_whitespace();
                let name = words.next()?.trim_end_matches(':');
                (words.count() <= 2 && !name.is_empty()).then(|| Interface(name.into()))
            },
        );
        first.parse(input)
    }
    fn value(&self) -> Value {
        self.0.clone().into()
    }
}

messages! {
    /// Messages of the kernel; each names its source below linux.
    pub enum Kernel {
        /// The first line of a boot. Source: init/version.c.
        LinuxVersion "kernel.linux-version" { version: Word, build: Box<str> }
            = ["Linux version ", version, " ", build]
                ~ "Linux version 6.8.12-4-pve (build@proxmox) (gcc (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP PREEMPT_DYNAMIC PMX 6.8.12-4";
        /// The second line of a boot. Source: arch/x86/kernel/setup.c.
        CommandLine "kernel.command-line" { args: Box<str> }
            = ["Command line: ", args]
                ~ "Command line: BOOT_IMAGE=/boot/vmlinuz-6.8.12-4-pve root=ZFS=/ROOT/pve-1 ro quiet";
        /// The kernel reboots on request. Source: kernel/reboot.c.
        Restarting "kernel.restarting" {} = ["reboot: Restarting system"] ~ "reboot: Restarting system";
        /// Somebody used the SysRq keys, or wrote to /proc/sysrq-trigger. Source: drivers/tty/sysrq.c.
        Sysrq "kernel.sysrq" { what: Box<str> }
            = ["sysrq: ", what] ~ "sysrq: Resetting"
            = ["SysRq : ", what] ~ "SysRq : Resetting";
        /// The kernel switches off on request. Source: kernel/reboot.c.
        PowerDown "kernel.power-down" {} = ["reboot: Power down"] ~ "reboot: Power down";
        /// The journal of a file system was replayed: the end before was not clean. Source: fs/ext4/super.c.
        Ext4Recovery "kernel.ext4-recovery" { device: Word }
            = ["EXT4-fs (", device, "): recovery complete"] ~ "EXT4-fs (dm-1): recovery complete";
        /// Files were open when the machine ended. Source: fs/ext4/orphan.c.
        Ext4Orphans "kernel.ext4-orphans" { device: Word, count: u32 }
            = ["EXT4-fs (", device, "): ", count, " orphan inodes deleted"]
                ~ "EXT4-fs (dm-1): 3 orphan inodes deleted"
            = ["EXT4-fs (", device, "): ", count, " orphan inode deleted"] ~ "EXT4-fs (dm-1): 1 orphan inode deleted";
        /// A file system turned read-only after an error. Source: fs/ext4/super.c.
        Ext4ReadOnly "kernel.ext4-read-only" { device: Word }
            = ["EXT4-fs (", device, "): Remounting filesystem read-only"]
                ~ "EXT4-fs (dm-1): Remounting filesystem read-only";
        /// The EFI partition was mounted at some unclean end; stays until it is checked. Source: fs/fat/inode.c.
        FatDirty "kernel.fat-dirty" { device: Word }
            = ["FAT-fs (", device, "): Volume was not properly unmounted. Some data may be corrupt. Please run fsck."]
                ~ "FAT-fs (sda2): Volume was not properly unmounted. Some data may be corrupt. Please run fsck.";
        /// Firmware kept records of a hardware error of the boot before. Source: drivers/acpi/apei/bert.c.
        BertRecords "kernel.bert-records" {}
            = ["BERT: Error records from previous boot:"] ~ "BERT: Error records from previous boot:";
        /// The software watchdog is there; `margin` in seconds. Source: drivers/watchdog/softdog.c.
        SoftdogInit "kernel.softdog-init" { noboot: u32, margin: u32, detail: Box<str> }
            = ["softdog: initialized. soft_noboot=", noboot, " soft_margin=", margin, " sec ", detail]
                ~ "softdog: initialized. soft_noboot=0 soft_margin=60 sec soft_panic=0 (nowayout=0)";
        /// The software watchdog resets the machine; rarely reaches the disk. Source: drivers/watchdog/softdog.c.
        SoftdogFired "kernel.softdog-fired" {}
            = ["softdog: Initiating system reboot"] ~ "softdog: Initiating system reboot";
        /// The software watchdog fired and may not reset. Source: drivers/watchdog/softdog.c.
        SoftdogIgnored "kernel.softdog-ignored" {}
            = ["softdog: Triggered - Reboot ignored"] ~ "softdog: Triggered - Reboot ignored";
        /// The software watchdog makes the kernel panic. Source: drivers/watchdog/softdog.c.
        SoftdogPanic "kernel.softdog-panic" {} = ["softdog: Initiating panic"] ~ "softdog: Initiating panic";
        /// The holder of the watchdog is gone without disarming it: a reset follows. Source: drivers/watchdog/watchdog_dev.c.
        WatchdogDidNotStop "kernel.watchdog-did-not-stop" { number: u32 }
            = ["watchdog: watchdog", number, ": watchdog did not stop!"]
                ~ "watchdog: watchdog0: watchdog did not stop!";
        /// A processor ran `seconds` without scheduling. Source: kernel/watchdog.c.
        SoftLockup "kernel.soft-lockup" { cpu: u32, seconds: u32, task: Box<str> }
            = ["watchdog: BUG: soft lockup - CPU#", cpu, " stuck for ", seconds, "s! [", task, "]"]
                ~ "watchdog: BUG: soft lockup - CPU#7 stuck for 22s! [kworker/7:1:3121]"
            = ["NMI watchdog: BUG: soft lockup - CPU#", cpu, " stuck for ", seconds, "s! [", task, "]"]
                ~ "NMI watchdog: BUG: soft lockup - CPU#7 stuck for 22s! [kvm:3121]"
            = ["BUG: soft lockup - CPU#", cpu, " stuck for ", seconds, "s! [", task, "]"]
                ~ "BUG: soft lockup - CPU#7 stuck for 22s! [kvm:3121]";
        /// A processor ran with interrupts off. Source: kernel/watchdog_hld.c.
        HardLockup "kernel.hard-lockup" { cpu: u32 }
            = ["watchdog: Watchdog detected hard LOCKUP on cpu ", cpu]
                ~ "watchdog: Watchdog detected hard LOCKUP on cpu 3"
            = ["NMI watchdog: Watchdog detected hard LOCKUP on cpu ", cpu]
                ~ "NMI watchdog: Watchdog detected hard LOCKUP on cpu 3";
        /// A processor holds up the read-copy-update machinery. Source: kernel/rcu/tree_stall.h.
        RcuStall "kernel.rcu-stall" { flavor: Word, detail: Box<str> }
            = ["rcu: INFO: rcu_", flavor, " detected stalls on CPUs/tasks:", detail]
                ~ "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"
            = ["INFO: rcu_", flavor, " detected stalls on CPUs/tasks:", detail]
                ~ "INFO: rcu_sched detected stalls on CPUs/tasks:"
            = ["rcu: INFO: rcu_", flavor, " self-detected stall on CPU", detail]
                ~ "rcu: INFO: rcu_sched self-detected stall on CPU"
            = ["INFO: rcu_", flavor, " self-detected stall on CPU", detail]
                ~ "INFO: rcu_sched self-detected stall on CPU";
        /// A process waits in the kernel for `seconds`; `task` is name and pid. Source: kernel/hung_task.c.
        HungTask "kernel.hung-task" { task: Box<str>, seconds: u32 }
            = ["INFO: task ", task, " blocked for more than ", seconds, " seconds."]
                ~ "INFO: task kvm:20812 blocked for more than 122 seconds.";
        /// Said along with a hung task. Source: kernel/hung_task.c.
        HungTaskHint "kernel.hung-task-hint" { detail: Box<str> }
            = ["\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables", detail]
                ~ "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.";
        /// The kernel stopped. Source: kernel/panic.c.
        Panic "kernel.panic" { reason: Box<str> }
            = ["Kernel panic - not syncing: ", reason] ~ "Kernel panic - not syncing: Fatal exception in interrupt";
        /// After a panic. Source: kernel/panic.c.
        PanicRebooting "kernel.panic-rebooting" { seconds: u32 }
            = ["Rebooting in ", seconds, " seconds.."] ~ "Rebooting in 10 seconds..";
        /// The kernel made an error. Source: arch/x86/mm/fault.c, arch/x86/kernel/traps.c, dumpstack.c.
        Oops "kernel.oops" { what: Box<str> }
            = ["BUG: ", what] ~ "BUG: unable to handle page fault for address: ffffffffc0a81234"
            = ["Oops: ", what] ~ "Oops: 0002 [#1] SMP NOPTI"
            = ["general protection fault", what] ~ "general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#1] PREEMPT SMP NOPTI"
            = ["kernel BUG at ", what] ~ "kernel BUG at mm/slub.c:363!";
        /// A processor or memory error. Source: arch/x86/kernel/cpu/mce.
        MachineCheck "kernel.machine-check" { detail: Box<str> }
            = ["mce: [Hardware Error]: ", detail] ~ "mce: [Hardware Error]: Machine check events logged";
        /// A process needs memory and there is none. Source: mm/oom_kill.c.
        OomInvoked "kernel.oom-invoked" { comm: Box<str>, detail: Box<str> }
            = [comm, " invoked oom-killer", detail]
                ~ "kvm invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0";
        /// Memory ran out and a process was killed. Source: mm/oom_kill.c.
        OomKilled "kernel.oom-killed" { pid: u32, comm: Box<str>, detail: Box<str> }
            = ["Out of memory: Killed process ", pid, " (", comm, ") ", detail]
                ~ "Out of memory: Killed process 20812 (kvm) total-vm:9123456kB, anon-rss:8388608kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:17012kB oom_score_adj:0"
            = ["Killed process ", pid, " (", comm, ") ", detail]
                ~ "Killed process 20812 (kvm) total-vm:9123456kB, anon-rss:8388608kB, file-rss:0kB";
        /// The memory of a process that was killed is free again. Source: mm/oom_kill.c.
        OomReaped "kernel.oom-reaped" { pid: u32, comm: Box<str>, detail: Box<str> }
            = ["oom_reaper: reaped process ", pid, " (", comm, "), ", detail]
                ~ "oom_reaper: reaped process 20812 (kvm), now anon-rss:0kB, file-rss:36kB, shmem-rss:0kB";
        /// A container used up its memory and a process in it was killed. Source: mm/oom_kill.c.
        CgroupOomKilled "kernel.cgroup-oom-killed" { pid: u32, comm: Box<str>, detail: Box<str> }
            = ["Memory cgroup out of memory: Killed process ", pid, " (", comm, ") ", detail]
                ~ "Memory cgroup out of memory: Killed process 20812 (java) total-vm:9123456kB, anon-rss:8388608kB";
        /// A user process crashed. Source: arch/x86/mm/fault.c.
        Segfault "kernel.segfault" { comm: Box<str>, pid: u32, detail: Box<str> }
            = [comm, "[", pid, "]: segfault at ", detail]
                ~ "pvestatd[1234]: segfault at 8 ip 000055d0c1a2b3c4 sp 00007ffc12345678 error 4 in perl[55d0c19e0000+195000]";
        /// A user process crashed in another way than by a wrong address. Source: arch/x86/kernel/traps.c.
        UserTrap "kernel.user-trap" { comm: Box<str>, pid: u32, what: Box<str> }
            = ["traps: ", comm, "[", pid, "] ", what]
                ~ "traps: pvestatd[2220] general protection fault ip:5a604c85ee3a sp:7ffd1c0b3a10 error:0 in perl[5a604c78d000+195000]";
        /// The kernel met something that should not be and goes on. Source: kernel/panic.c.
        Warning "kernel.warning" { cpu: u32, pid: u32, place: Box<str> }
            = ["WARNING: CPU: ", cpu, " PID: ", pid, " at ", place]
                ~ "WARNING: CPU: 3 PID: 8577 at arch/x86/kvm/mmu/mmu.c:6949 kvm_nx_huge_page_recovery_worker+0x3c4/0x410 [kvm]";
        /// The Intel hardware watchdog is there; seconds. Source: drivers/watchdog/iTCO_wdt.c.
        ItcoInit "kernel.itco-init" { device: Word, heartbeat: u32, detail: Box<str> }
            = ["iTCO_wdt ", device, ": initialized. heartbeat=", heartbeat, " sec ", detail]
                ~ "iTCO_wdt iTCO_wdt: initialized. heartbeat=30 sec (nowayout=0)";
        /// Firmware blocks the Intel hardware watchdog. Source: drivers/watchdog/iTCO_wdt.c.
        ItcoDisabled "kernel.itco-disabled" { device: Word }
            = ["iTCO_wdt ", device, ": unable to reset NO_REBOOT flag, device disabled by hardware/BIOS"]
                ~ "iTCO_wdt iTCO_wdt: unable to reset NO_REBOOT flag, device disabled by hardware/BIOS";
        /// The IPMI watchdog is there. Source: drivers/char/ipmi/ipmi_watchdog.c.
        IpmiInit "kernel.ipmi-init" {} = ["IPMI Watchdog: driver initialized"] ~ "IPMI Watchdog: driver initialized";
        /// Whatever touches this NFS server waits. Source: net/sunrpc/clnt.c.
        NfsWaiting "kernel.nfs-waiting" { server: Box<str> }
            = ["nfs: server ", server, " not responding, still trying"]
                ~ "nfs: server 10.0.0.50 not responding, still trying";
        /// Input and output on a soft mount fail. Source: net/sunrpc/clnt.c.
        NfsTimedOut "kernel.nfs-timed-out" { server: Box<str> }
            = ["nfs: server ", server, " not responding, timed out"]
                ~ "nfs: server 10.0.0.50 not responding, timed out";
        /// The NFS server answers again. Source: net/sunrpc/clnt.c.
        NfsOk "kernel.nfs-ok" { server: Box<str> } = ["nfs: server ", server, " OK"] ~ "nfs: server 10.0.0.50 OK";
        /// An SMB server is silent for `seconds`. Source: fs/smb/client/connect.c; without the colon before 5.5.
        CifsReconnect "kernel.cifs-reconnect" { server: Box<str>, seconds: u32 }
            = ["CIFS: VFS: \\\\", server, " has not responded in ", seconds, " seconds. Reconnecting..."]
                ~ "CIFS: VFS: \\\\10.0.0.50 has not responded in 180 seconds. Reconnecting..."
            = ["CIFS VFS: \\\\", server, " has not responded in ", seconds, " seconds. Reconnecting..."]
                ~ "CIFS VFS: \\\\10.0.0.50 has not responded in 180 seconds. Reconnecting..."
            = ["CIFS VFS: Server ", server, " has not responded in ", seconds, " seconds. Reconnecting..."]
                ~ "CIFS VFS: Server 10.0.0.50 has not responded in 180 seconds. Reconnecting...";
        /// An SMB share could not be mounted; a negative errno. Source: fs/smb/client/cifsfs.c.
        CifsMountFailed "kernel.cifs-mount-failed" { code: i64 }
            = ["CIFS: VFS: cifs_mount failed w/return code = ", code]
                ~ "CIFS: VFS: cifs_mount failed w/return code = -113"
            = ["CIFS VFS: cifs_mount failed w/return code = ", code]
                ~ "CIFS VFS: cifs_mount failed w/return code = -113";
        /// The Ceph client lost its monitor. Source: net/ceph/mon_client.c.
        CephMonLost "kernel.ceph-mon-lost" { rank: u32, address: Word }
            = ["libceph: mon", rank, " ", address, " session lost, hunting for new mon"]
                ~ "libceph: mon1 (1)10.0.0.12:6789 session lost, hunting for new mon";
        /// An iSCSI target is silent for `seconds`. Source: drivers/scsi/libiscsi.c.
        IscsiTimeout "kernel.iscsi-timeout" { connection: Word, seconds: u32, detail: Box<str> }
            = ["connection", connection, ": ping timeout of ", seconds, " secs expired, ", detail]
                ~ "connection1:0: ping timeout of 5 secs expired, recv timeout 5, last rx 4295, last ping 4300, now 4305";
        /// A disk could not read or write. Source: block/blk-mq.c; older ones name a function first.
        BlockError "kernel.block-error" { device: Word, sector: u64, detail: Box<str> }
            = ["I/O error, dev ", device, ", sector ", sector, detail]
                ~ "I/O error, dev sdb, sector 123456 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
            = ["blk_update_request: I/O error, dev ", device, ", sector ", sector, detail]
                ~ "blk_update_request: I/O error, dev sdb, sector 123456"
            = ["print_req_error: I/O error, dev ", device, ", sector ", sector, detail]
                ~ "print_req_error: I/O error, dev sdb, sector 123456";
        /// A command of an NVMe disk was not answered in time. Source: drivers/nvme/host/pci.c.
        NvmeTimeout "kernel.nvme-timeout" { device: Word, detail: Box<str>, action: Box<str> }
            = ["nvme ", device, ": I/O ", detail, " timeout, ", action]
                ~ "nvme nvme0: I/O 123 QID 5 timeout, aborting";
        /// An NVMe controller is gone. Source: drivers/nvme/host/pci.c.
        NvmeDown "kernel.nvme-down" { device: Word, detail: Box<str> }
            = ["nvme ", device, ": controller is down; will reset: ", detail]
                ~ "nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10";
        /// A SATA disk stalls and is being reset; `port` as `3.00`. Source: drivers/ata/libata-eh.c.
        AtaException "kernel.ata-exception" { port: Word, mask: Word, detail: Box<str> }
            = ["ata", port, ": exception Emask ", mask, " ", detail]
                ~ "ata3.00: exception Emask 0x0 SAct 0x0 SErr 0x0 action 0x6 frozen";
        /// A pool takes no input and output until it is cleared. Source: openzfs module/zfs/zio.c.
        ZfsSuspended "kernel.zfs-suspended" { pool: Box<str> }
            = ["WARNING: Pool '", pool, "' has encountered an uncorrectable I/O failure and has been suspended."]
                ~ "WARNING: Pool 'rpool' has encountered an uncorrectable I/O failure and has been suspended.";
        /// A pool failed and is set to panic then. Source: openzfs module/zfs/zio.c.
        ZfsPanic "kernel.zfs-panic" { pool: Box<str> }
            = ["PANIC: Pool '", pool,
               "' has encountered an uncorrectable I/O failure and the failure mode property for this pool is set to panic."]
                ~ "PANIC: Pool 'tank' has encountered an uncorrectable I/O failure and the failure mode property for this pool is set to panic.";
        /// A suspended pool was cleared. Source: openzfs module/zfs/zio.c.
        ZfsResumed "kernel.zfs-resumed" { pool: Box<str> }
            = ["WARNING: Pool '", pool, "' was suspended and is being resumed."]
                ~ "WARNING: Pool 'tank' was suspended and is being resumed.";
        /// A disk below a pool failed; `err` is an errno, `direction` 1 for read and 2 for write, bytes. Source: openzfs vdev_disk.c.
        ZfsError "kernel.zfs-error" { pool: Word, vdev: Box<str>, err: u32, direction: u32, offset: u64, size: u64, flags: Word }
            = ["zio pool=", pool, " vdev=", vdev, " error=", err, " type=", direction, " offset=", offset,
               " size=", size, " flags=", flags]
                ~ "zio pool=tank vdev=/dev/disk/by-id/ata-X-part1 error=5 type=1 offset=270336 size=8192 flags=721601";
        /// A cable, a switch port or a switch is down. Source: drivers/net.
        NicDown "kernel.nic-down" { driver: Word, pci: Option<Word>, interface: Interface }
            = [driver, ": ", !pci, interface, "NIC Link is Down"] ~ "e1000e: eno1 NIC Link is Down"
            = [driver, " ", pci, " ", interface, "NIC Link is Down"] ~ "e1000e 0000:00:1f.6 eno1: NIC Link is Down"
            = [driver, " ", pci, " ", interface, "NIC Link is Down"] ~ "igb 0000:05:00.0 eno3: igb: eno3 NIC Link is Down"
            = [driver, " ", pci, " ", interface, "Link is down"] ~ "tg3 0000:02:00.0 eno1: Link is down"
            = [driver, " ", pci, " ", interface, "Link is Down"] ~ "r8169 0000:03:00.0 enp3s0: Link is Down"
            = [driver, " ", pci, " ", interface, "Link down"] ~ "mlx5_core 0000:41:00.0 enp65s0f0np0: Link down";
        /// The carrier is there; `speed` as the driver says it. Source: drivers/net.
        NicUp "kernel.nic-up" { driver: Word, pci: Option<Word>, interface: Interface, speed: Box<str> }
            = [driver, ": ", !pci, interface, "NIC Link is Up", speed]
                ~ "e1000e: eno1 NIC Link is Up 1000 Mbps Full Duplex, Flow Control: None"
            = [driver, " ", pci, " ", interface, "NIC Link is Up", speed]
                ~ "e1000e 0000:00:1f.6 eno1: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: None"
            = [driver, " ", pci, " ", interface, "Link is up", speed]
                ~ "tg3 0000:02:00.0 eno1: Link is up at 1000 Mbps, full duplex"
            = [driver, " ", pci, " ", interface, "Link is Up", speed]
                ~ "r8169 0000:03:00.0 enp3s0: Link is Up - 1Gbps/Full - flow control off"
            = [driver, " ", pci, " ", interface, "Link up", speed] ~ "mlx5_core 0000:41:00.0 enp65s0f0np0: Link up";
        /// The card stopped sending; repeats until it is reset. Source: drivers/net/ethernet/intel/e1000e/netdev.c.
        NicHang "kernel.nic-hang" { driver: Word, pci: Word, interface: Interface }
            = [driver, " ", pci, " ", interface, "Detected Hardware Unit Hang:"]
                ~ "e1000e 0000:00:1f.6 nic0: Detected Hardware Unit Hang:";
        /// The card is slower than it could be, as with a bad cable. Source: drivers/net/ethernet/intel/igb.
        NicDowngraded "kernel.nic-downgraded" { driver: Word, pci: Word, interface: Interface }
            = [driver, " ", pci, " ", interface, "Link Speed was downgraded by SmartSpeed"]
                ~ "igb 0000:05:00.0 eno3: Link Speed was downgraded by SmartSpeed";
        /// The card did not send in time. Source: net/sched/sch_generic.c.
        NicTxTimeout "kernel.nic-tx-timeout" { interface: Interface, driver: Word, pci: Option<Word>, cpu: Option<u32>, queue: u32, detail: Box<str> }
            = ["NETDEV WATCHDOG: ", interface, " (", driver, "): transmit queue ", !pci, !cpu, queue, " timed out", detail]
                ~ "NETDEV WATCHDOG: eno1 (e1000e): transmit queue 0 timed out 5376 ms"
            = [driver, " ", pci, " ", interface, "NETDEV WATCHDOG: CPU: ", cpu, ": transmit queue ", queue, " timed out", detail]
                ~ "e1000e 0000:00:1f.6 eno1: NETDEV WATCHDOG: CPU: 3: transmit queue 0 timed out 5376 ms";
        /// A port of a bridge changed its state. Source: net/bridge/br_stp.c.
        BridgePort "kernel.bridge-port" { bridge: Word, port: u32, interface: Word, state: Word }
            = [bridge, ": port ", port, "(", interface, ") entered ", state, " state"]
                ~ "vmbr0: port 1(eno1) entered disabled state";
        /// A card of a bond failed. Source: drivers/net/bonding/bond_main.c; the first form since 5.8.
        BondMemberDown "kernel.bond-member-down" { bond: Word, interface: Word }
            = [bond, ": (slave ", interface, "): link status definitely down, disabling slave"]
                ~ "bond0: (slave eno1): link status definitely down, disabling slave"
            = [bond, ": link status definitely down for interface ", interface, ", disabling it"]
                ~ "bond0: link status definitely down for interface eno1, disabling it";
        /// A card of a bond is back. Source: drivers/net/bonding/bond_main.c; the first form since 5.8.
        BondMemberUp "kernel.bond-member-up" { bond: Word, interface: Word, speed: Box<str> }
            = [bond, ": (slave ", interface, "): link status definitely up, ", speed]
                ~ "bond0: (slave eno1): link status definitely up, 10000 Mbps full duplex"
            = [bond, ": link status definitely up for interface ", interface, ", ", speed]
                ~ "bond0: link status definitely up for interface eno1, 1000 Mbps full duplex";
        /// A bond switched over to another card. Source: drivers/net/bonding/bond_main.c.
        BondActive "kernel.bond-active" { bond: Word, interface: Word }
            = [bond, ": (slave ", interface, "): making interface the new active one"]
                ~ "bond0: (slave eno2): making interface the new active one"
            = [bond, ": making interface ", interface, " the new active one"]
                ~ "bond0: making interface eno2 the new active one";
        /// All cards of a bond failed. Source: drivers/net/bonding/bond_main.c.
        BondDown "kernel.bond-down" { bond: Word }
            = [bond, ": now running without any active interface!"]
                ~ "bond0: now running without any active interface!";
        /// The carrier is there. Source: net/ipv6/addrconf.c of older kernels.
        LinkReady "kernel.link-ready" { interface: Word }
            = ["IPv6: ADDRCONF(NETDEV_CHANGE): ", interface, ": link becomes ready"]
                ~ "IPv6: ADDRCONF(NETDEV_CHANGE): eno1: link becomes ready";
        /// Somebody else has this address: a loop or a double. Source: net/ipv6/addrconf.c.
        DuplicateAddress "kernel.duplicate-address" { interface: Word, address: Word, mac: Word }
            = ["IPv6: ", interface, ": IPv6 duplicate address ", address, " used by ", mac, " detected!"]
                ~ "IPv6: vmbr0: IPv6 duplicate address fe80::1 used by aa:bb:cc:dd:ee:ff detected!";
        /// A bridge hears itself: a loop in the network. Source: net/bridge/br_fdb.c.
        BridgeLoop "kernel.bridge-loop" { bridge: Word, interface: Word, detail: Box<str> }
            = [bridge, ": received packet on ", interface, " with own address as source address (", detail, ")"]
                ~ "vmbr0: received packet on eno1 with own address as source address (addr:aa:bb:cc:dd:ee:ff, vlan:0)";
        /// The firewall can follow no more connections and drops packets. Source: net/netfilter/nf_conntrack_core.c.
        ConntrackFull "kernel.conntrack-full" {}
            = ["nf_conntrack: nf_conntrack: table full, dropping packet"]
                ~ "nf_conntrack: nf_conntrack: table full, dropping packet"
            = ["nf_conntrack: table full, dropping packet"] ~ "nf_conntrack: table full, dropping packet";
    }
}

/// The message without `[11695316.513414] `, which dmesg and some log daemons put before it.
fn without_uptime(message: &str) -> &str {
    let stamp = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b' ')
            && text.contains('.')
    };
    match message.strip_prefix('[').and_then(|m| m.split_once(']')) {
        Some((uptime, rest)) if stamp(uptime) => rest.trim_start(),
        _ => message,
    }
}

/// Whether a message alone proves that the kernel said it.
pub fn is_unmistakable(kind: &Kind) -> bool {
    !matches!(
        kind,
        Kind::Kernel(
            Kernel::CommandLine { .. }
                | Kernel::Oops { .. }
                | Kernel::PanicRebooting { .. }
                | Kernel::BlockError { .. }
        )
    )
}

/// Reads a message of this program.
pub fn read(message: &str, cut: bool) -> Option<Kind> {
    Kernel::parse(without_uptime(message), cut).map(Kind::Kernel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::check_samples;

    fn parse(message: &str) -> Option<Kernel> {
        match read(message, false) {
            Some(Kind::Kernel(kernel)) => Some(kernel),
            _ => None,
        }
    }

    #[test]
    fn samples_are_read() {
        check_samples::<Kernel>();
    }

    #[test]
    fn a_soft_lockup_is_no_oops_and_its_uptime_is_skipped() {
        assert_eq!(
            parse(
                "[11695316.513414] watchdog: BUG: soft lockup - CPU#36 stuck for 470s! [rpc-libvirtd:2981177]"
            ),
            Some(Kernel::SoftLockup {
                cpu: 36,
                seconds: 470,
                task: "rpc-libvirtd:2981177".into()
            })
        );
        assert_eq!(
            parse("[    5.123456] reboot: Power down"),
            Some(Kernel::PowerDown {})
        );
    }

    #[test]
    fn the_interface_is_named_once_however_often_the_driver_says_it() {
        for message in [
            "igb 0000:05:00.0 eno3: igb: eno3 NIC Link is Down",
            "igb 0000:05:00.0 eno3: NIC Link is Down",
        ] {
            assert_eq!(
                parse(message),
                Some(Kernel::NicDown {
                    driver: Word("igb".into()),
                    pci: Some(Word("0000:05:00.0".into())),
                    interface: Interface("eno3".into())
                }),
                "{message}"
            );
        }
    }

    #[test]
    fn a_task_name_may_hold_colons() {
        assert_eq!(
            parse("INFO: task kworker/u8:2:1288417 blocked for more than 120 seconds."),
            Some(Kernel::HungTask {
                task: "kworker/u8:2:1288417".into(),
                seconds: 120
            })
        );
    }

    #[test]
    fn old_and_new_kernels_say_the_same_of_a_bond() {
        for message in [
            "bond0: (slave eno1): link status definitely down, disabling slave",
            "bond0: link status definitely down for interface eno1, disabling it",
        ] {
            assert_eq!(
                parse(message),
                Some(Kernel::BondMemberDown {
                    bond: Word("bond0".into()),
                    interface: Word("eno1".into())
                }),
                "{message}"
            );
        }
    }

    #[test]
    fn a_message_alone_that_other_programs_print_too_is_not_taken_for_the_kernels() {
        for (message, expected) in [
            ("Command line: ls", false),
            ("BUG: something", false),
            ("Kernel panic - not syncing: Fatal exception", true),
        ] {
            let kind = read(message, false).expect("a message of the kernel");
            assert_eq!(is_unmistakable(&kind), expected, "{message}");
        }
    }

    #[test]
    fn lines_of_a_trace_and_other_drivers_are_none() {
        for message in [
            "Call Trace:",
            " kthread+0xe6/0x110",
            "Hardware name: YL-SKUL6/YL-SKUL6, BIOS 5.12 05/28/2018",
            "perf: interrupt took too long (2502 > 2500), lowering kernel.perf_event_max_sample_rate to 79750",
            "CPU: 3 PID: 8577 Comm: kvm-nx-lpage-re Tainted: P O 6.2.16-3-pve #1",
        ] {
            assert_eq!(parse(message), None, "{message}");
        }
    }
}
