//! What is embedded: nothing is missing, nothing comes from elsewhere, nothing is dangerous, and the first screen is small.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod first_screen;
mod rules;
mod table;
mod texts;
