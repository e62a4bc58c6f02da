//! Tests of the server over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bodies_too_slow;
mod client;
mod connections;
mod console;
mod content;
mod head_limits;
mod http2;
mod icon_types;
mod limits;
mod listening;
mod log;
mod methods;
mod package_download;
mod package_icon;
mod package_list;
mod package_remove;
mod package_upload;
mod parameters;
mod refused_early;
mod request_ids;
mod router;
mod routes;
mod running;
mod shutdown;
mod signed_by_each_key;
mod signed_failures;
mod signed_scene;
mod signed_shapes;
mod signed_tampering;
mod signed_tools;
mod slow_clients;
mod too_many;
mod transport;
mod verdicts;
