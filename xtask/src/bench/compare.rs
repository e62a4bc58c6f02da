//! Two sides, run in turns, and what their rounds say.

use crate::bench::measure::Cost;
use crate::error::Error;

/// One way to do the work. Each call does it once, from the beginning.
pub(super) struct Side {
    /// What it is, for the table.
    pub(super) label: String,
    pub(super) run: Box<dyn FnMut() -> Result<Cost, Error>>,
}

/// Two ways to do the same work.
pub(super) struct Pair {
    pub(super) a: Side,
    pub(super) b: Side,
}

/// What one round of both sides cost.
pub(super) type Round = (Cost, Cost);

/// Runs each side once for nothing, then `rounds` times in turns.
pub(super) fn run(pair: &mut Pair, rounds: usize) -> Result<Vec<Round>, Error> {
    (pair.a.run)()?;
    (pair.b.run)()?;
    let mut samples = Vec::new();
    for round in 0..rounds {
        samples.push(if round % 2 == 0 {
            let a = (pair.a.run)()?;
            (a, (pair.b.run)()?)
        } else {
            let b = (pair.b.run)()?;
            ((pair.a.run)()?, b)
        });
    }
    Ok(samples)
}

/// The middle of some numbers, and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Spread {
    /// Numbers that are none (0 divided by 0) are left out; nothing when none is left.
    pub(super) fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().filter(|number| number.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let upper = *sorted.get(sorted.len() / 2)?;
        let lower = *sorted.get((sorted.len() - 1) / 2)?;
        Some(Self { median: f64::midpoint(lower, upper), min: *sorted.first()?, max: *sorted.last()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    #[test]
    fn sides_take_turns_after_a_warm_up() {
        let order = Rc::new(RefCell::new(String::new()));
        let side = |letter: char| {
            let order = Rc::clone(&order);
            let run = move || {
                order.borrow_mut().push(letter);
                Ok(Cost { wall: Duration::ZERO, cpu: Duration::ZERO, peak_memory_bytes: u64::from(letter) })
            };
            Side { label: letter.to_string(), run: Box::new(run) }
        };
        let rounds = run(&mut Pair { a: side('a'), b: side('b') }, 3).unwrap();
        assert_eq!(*order.borrow(), "ababbaab");
        assert!(rounds.iter().all(|(a, b)| a.peak_memory_bytes == 97 && b.peak_memory_bytes == 98));
    }

    #[test]
    fn the_median_is_the_middle() {
        let spread = |numbers: &[f64]| Spread::of(numbers.iter().copied());
        assert_eq!(spread(&[3.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 3.0 }));
        assert_eq!(spread(&[4.0, 1.0]), Some(Spread { median: 2.5, min: 1.0, max: 4.0 }));
        assert_eq!(spread(&[f64::NAN, 1.0]), Some(Spread { median: 1.0, min: 1.0, max: 1.0 }));
        assert_eq!(spread(&[]), None);
    }
}
