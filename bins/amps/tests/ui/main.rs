//! Tests of the web interface in a headless Chromium: `cargo xtask ui`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod browse;
mod browser;
mod categories;
mod certificates;
mod crowd;
mod demo;
mod driver;
mod every_page;
mod first_screen;
mod foreign_origin;
mod gate;
mod harness;
mod hostile;
mod keyboard;
mod manage;
mod meanwhile;
mod other_media;
mod package_page;
mod paint;
mod replay;
mod scene;
mod sign_in;
mod upload;
mod users;
mod vendors;
