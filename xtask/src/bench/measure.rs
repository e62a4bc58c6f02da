//! What a piece of work costs: time, CPU time, memory.

use crate::bench::process::{CpuTime, forget_peak_memory, peak_memory_bytes};
use crate::error::Error;
use crate::root::{not_started, shown};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How often the memory of running processes is read: a read takes some 20 µs.
const SAMPLING_INTERVAL: Duration = Duration::from_millis(2);

/// What ends a process that writes into a pipe which nobody reads any more (signal(7)).
const SIGPIPE: i32 = 13;

/// The cost of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    pub(super) peak_memory_bytes: u64,
}

/// Runs commands, each reading what the one before it writes; the last one writes to `output`.
///
/// Their CPU time is that of the children which this process has waited for, so nothing else may be started
/// meanwhile, and what a command starts itself counts only if the command waits for it.
pub(super) fn pipeline(commands: Vec<Command>, output: Stdio) -> Result<Cost, Error> {
    let this = std::process::id();
    let before = CpuTime::of(this)?;
    let start = Instant::now();
    let children = start_all(commands, output)?;
    let (wall, peak_memory_bytes) = wait_for_all(children, start)?;
    let cpu = CpuTime::of(this)?.children.saturating_sub(before.children);
    Ok(Cost { wall, cpu, peak_memory_bytes })
}

/// Does `work` in this process and says what it cost the process `pid`: a server, or this process itself.
pub(super) fn during(pid: u32, work: impl FnOnce() -> Result<(), Error>) -> Result<Cost, Error> {
    forget_peak_memory(pid)?;
    let before = CpuTime::of(pid)?;
    let start = Instant::now();
    work()?;
    let wall = start.elapsed();
    let cpu = CpuTime::of(pid)?.own.saturating_sub(before.own);
    let peak_memory_bytes = peak_memory_bytes(pid)
        .ok_or_else(|| Error::unable(format!("process {pid} ended while it was measured")))?;
    Ok(Cost { wall, cpu, peak_memory_bytes })
}

/// A process of a pipeline, with the command as a person would type it.
struct Stage {
    command: String,
    process: Child,
}

fn start_all(commands: Vec<Command>, output: Stdio) -> Result<Vec<Stage>, Error> {
    let count = commands.len();
    let mut output = Some(output);
    let mut input = Stdio::null();
    let mut stages = Vec::new();
    for (index, mut command) in commands.into_iter().enumerate() {
        let is_last = index + 1 == count;
        command.stdin(input);
        command.stdout(output.take_if(|_| is_last).unwrap_or_else(Stdio::piped));
        let mut process = command.spawn().map_err(|error| not_started(&command, &error))?;
        input = process.stdout.take().map_or_else(Stdio::null, Stdio::from);
        stages.push(Stage { command: shown(&command), process });
        // `command` ends here and with it this process's own end of the pipe, or its reader would never see the end.
    }
    Ok(stages)
}

/// The time until the last process ended, and the memory of all of them. Every process has ended afterwards,
/// also when one of them failed.
fn wait_for_all(mut stages: Vec<Stage>, start: Instant) -> Result<(Duration, u64), Error> {
    let pids: Vec<u32> = stages.iter().map(|stage| stage.process.id()).collect();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let sampler = scope.spawn(|| sample_memory(&pids, &done));
        let mut outcome = Ok(());
        for stage in &mut stages {
            let ended = match stage.process.wait() {
                // Its reader left before the end: fine if that meant to (`head`), else that one's failure is the cause.
                Ok(status) if status.success() || status.signal() == Some(SIGPIPE) => Ok(()),
                Ok(status) => Err(Error::failed(format!("`{}` ended with {status}", stage.command))),
                Err(error) => Err(Error::io(&stage.command, &error)),
            };
            outcome = outcome.and(ended);
        }
        let wall = start.elapsed();
        done.store(true, Ordering::Relaxed);
        let peak = sampler.join().map_err(|_| Error::unable("the thread that samples memory panicked"))?;
        outcome.map(|()| (wall, peak))
    })
}

/// The sum of the high-water marks, which only grow, as last seen of each process.
fn sample_memory(pids: &[u32], done: &AtomicBool) -> u64 {
    let mut peaks = vec![0; pids.len()];
    while !done.load(Ordering::Relaxed) {
        for (peak, pid) in peaks.iter_mut().zip(pids) {
            *peak = peak_memory_bytes(*pid).unwrap_or(0).max(*peak);
        }
        thread::sleep(SAMPLING_INTERVAL);
    }
    peaks.iter().sum()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::hint::black_box;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_pipeline_passes_bytes_on_and_ends() {
        let cost =
            pipeline(vec![shell("echo amps"), shell("read word && test \"$word\" = amps")], Stdio::null());
        assert!(cost.is_ok(), "{cost:?}");
    }

    #[test]
    fn a_failing_stage_is_named() {
        for commands in [vec![shell("exit 3"), shell("cat")], vec![shell("echo amps"), shell("exit 3")]] {
            let error = pipeline(commands, Stdio::null()).unwrap_err().to_string();
            assert!(error.starts_with("`sh -c exit 3` ended with"), "{error}");
        }
    }

    #[test]
    fn a_reader_may_leave_early() {
        let endless = || shell("while echo amps; do :; done");
        assert!(pipeline(vec![endless(), shell("read word")], Stdio::null()).is_ok());
        let error = pipeline(vec![endless(), shell("exit 3")], Stdio::null()).unwrap_err().to_string();
        assert!(error.starts_with("`sh -c exit 3` ended with"), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = pipeline(vec![Command::new("no-such-program")], Stdio::null()).unwrap_err().to_string();
        assert!(error.starts_with("`no-such-program` could not be started"), "{error}");
    }

    #[test]
    fn memory_of_this_process_is_counted_from_now() {
        let size = 32 << 20;
        let cost = during(std::process::id(), || {
            black_box(vec![1_u8; size]);
            Ok(())
        });
        assert!(cost.unwrap().peak_memory_bytes > size as u64);
    }
}
