//! What `/proc` tells of a process: the time it took and the most memory it had (proc(5)).

use crate::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// `/proc` counts CPU time in these: `USER_HZ`, which is 100 a second on every architecture that rustc builds for.
const TICK: Duration = Duration::from_millis(10);

/// User and system time of a process with all its threads, or of the children that it has waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CpuTime {
    pub(super) own: Duration,
    pub(super) children: Duration,
}

impl CpuTime {
    pub(super) fn of(pid: u32) -> Result<Self, Error> {
        let path = format!("/proc/{pid}/stat");
        let stat = fs::read_to_string(&path).map_err(|error| Error::io(&path, &error))?;
        Self::parse(&stat).ok_or_else(|| Error::unable(format!("{path}: expected times in fields 14 to 17")))
    }

    /// The second field is the program's name in brackets and may hold anything, brackets and blanks too.
    fn parse(stat: &str) -> Option<Self> {
        let (_, from_third) = stat.rsplit_once(") ")?;
        let mut ticks = from_third.split_whitespace().skip(11).map(|field| field.parse::<u32>().ok());
        let mut time = || Some(TICK * ticks.next()??);
        Some(Self { own: time()? + time()?, children: time()? + time()? })
    }
}

/// The most resident memory that a process has had, in bytes; nothing when it has ended.
pub(super) fn peak_memory_bytes(pid: u32) -> Option<u64> {
    parse_peak_memory(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

fn parse_peak_memory(status: &str) -> Option<u64> {
    parse_memory(status, "VmHWM:")
}

/// The resident memory that a process has now, in bytes, and its threads; nothing when it has ended.
pub(super) fn memory_and_threads(pid: u32) -> Option<(u64, u32)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:"))?;
    Some((parse_memory(&status, "VmRSS:")?, threads.trim().parse().ok()?))
}

/// How many files a process has open, and how many of those are sockets; nothing when it has ended.
pub(super) fn open_files(pid: u32) -> Option<(usize, usize)> {
    let open = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten();
    let is_socket =
        |path: PathBuf| fs::read_link(path).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"));
    let sockets: Vec<bool> = open.map(|file| is_socket(file.path())).collect();
    Some((sockets.len(), sockets.iter().filter(|is_socket| **is_socket).count()))
}

fn parse_memory(status: &str, name: &str) -> Option<u64> {
    let kibibytes = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(kibibytes.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// Makes the most memory start again from what the process has now.
pub(super) fn forget_peak_memory(pid: u32) -> Result<(), Error> {
    let path = format!("/proc/{pid}/clear_refs");
    fs::write(&path, "5").map_err(|error| Error::io(&path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_behind_any_name() {
        let stat = "7 (a) (b c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 3 4 20 0 1 0 100 0 0";
        let expected = CpuTime { own: Duration::from_secs(3), children: Duration::from_millis(70) };
        assert_eq!(CpuTime::parse(stat), Some(expected));
        assert_eq!(CpuTime::parse("7 (a) S 1 7"), None);
        assert_eq!(CpuTime::parse(""), None);
    }

    #[test]
    fn reads_the_high_water_mark() {
        assert_eq!(parse_peak_memory("Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t 4 kB\n"), Some(2_097_152));
        assert_eq!(parse_peak_memory("Name:\ta\nState:\tZ (zombie)\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory_and_time() {
        let pid = std::process::id();
        assert!(peak_memory_bytes(pid).unwrap() > 100_000);
        assert!(CpuTime::of(pid).is_ok());
        let (memory, threads) = memory_and_threads(pid).unwrap();
        assert!(memory > 100_000 && threads > 0);
        assert!(open_files(pid).unwrap().0 > 2);
    }
}
