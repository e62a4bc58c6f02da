//! Results as a Markdown table.

use crate::bench::compare::{Pair, Round, Spread};
use crate::bench::measure::Cost;
use std::time::Duration;

const HEAD: &str = "\
| comparison | A | B | time A/B | CPU A/B | memory A/B | medians of A |
|---|---|---|---|---|---|---|
";

/// One comparison's line.
pub(super) fn row(name: &str, pair: &Pair, rounds: &[Round]) -> String {
    let ratio = |measure: fn(&Cost) -> f64| {
        let ratios = rounds.iter().map(|(a, b)| measure(a) / measure(b));
        Spread::of(ratios).map_or_else(
            || "too small".to_owned(),
            |spread| format!("{:.2} ({:.2} to {:.2})", spread.median, spread.min, spread.max),
        )
    };
    let median = |measure: fn(&Cost) -> f64| {
        Spread::of(rounds.iter().map(|(a, _)| measure(a))).map_or(0.0, |spread| spread.median)
    };
    format!(
        "| {name} | {} | {} | {} | {} | {} | {:.2?}, {:.2} s CPU, {:.1} MiB |\n",
        cell(&pair.a.label),
        cell(&pair.b.label),
        ratio(seconds),
        ratio(cpu_seconds),
        ratio(mebibytes),
        Duration::from_secs_f64(median(seconds)),
        median(cpu_seconds),
        median(mebibytes),
    )
}

pub(super) fn table(rows: &[String]) -> String {
    format!("{HEAD}{}", rows.concat())
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn seconds(cost: &Cost) -> f64 {
    cost.wall.as_secs_f64()
}

fn cpu_seconds(cost: &Cost) -> f64 {
    cost.cpu.as_secs_f64()
}

#[allow(clippy::cast_precision_loss, reason = "a ratio of two digits needs no more than 52 bits of bytes")]
fn mebibytes(cost: &Cost) -> f64 {
    cost.peak_memory_bytes as f64 / f64::from(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::compare::Side;

    #[test]
    fn shows_ratios_and_medians() {
        let side = |label: &str| Side { label: label.to_owned(), run: Box::new(|| unreachable!()) };
        let pair = Pair { a: side("amps"), b: side("tar | gzip") };
        let cost = |seconds: u64, cpu: u64, mebibytes: u64| Cost {
            wall: Duration::from_secs(seconds),
            cpu: Duration::from_secs(cpu),
            peak_memory_bytes: mebibytes << 20,
        };
        let rounds =
            [(cost(1, 0, 8), cost(2, 0, 4)), (cost(3, 0, 8), cost(3, 0, 4)), (cost(2, 0, 8), cost(1, 0, 4))];
        assert_eq!(
            row("unpack", &pair, &rounds),
            "| unpack | amps | tar \\| gzip | 1.00 (0.50 to 2.00) | too small | 2.00 (2.00 to 2.00) \
             | 2.00s, 0.00 s CPU, 8.0 MiB |\n"
        );
    }
}
