//! Metrics as `OpenMetrics` has them: the one place that knows their names.

use std::{fmt, sync::Arc};

use amps_core::CacheCounts;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet, text},
    registry::{Registry, Unit},
};

use super::{
    Metrics,
    families::Families,
    gauges::{Gauges, Process},
};
use crate::health::Check;

/// Writes all of them.
pub(super) fn write(
    metrics: Arc<Metrics>,
    gauges: Gauges,
    checks: Arc<[Check]>,
) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Exposition { metrics, gauges, checks }));
    let mut out = String::new();
    text::encode(&mut out, &registry)?;
    Ok(out)
}

struct Exposition {
    metrics: Arc<Metrics>,
    gauges: Gauges,
    checks: Arc<[Check]>,
}

impl fmt::Debug for Exposition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Exposition").finish_non_exhaustive()
    }
}

impl Collector for Exposition {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut out = Families(encoder);
        self.requests(&mut out)?;
        self.connections(&mut out)?;
        self.uploads(&mut out)?;
        self.caches(&mut out)?;
        self.logins(&mut out)?;
        self.sizes(&mut out)?;
        self.state(&mut out)?;
        process(&mut out)
    }
}

impl Exposition {
    fn requests(&self, out: &mut Families<'_>) -> fmt::Result {
        let rows = || self.metrics.listeners.iter().flat_map(|listener| listener.routes());
        out.counter("amps_requests", "answers by route, method and class of status", None, |to| {
            rows().try_for_each(|(route, counters)| {
                counters.answers().try_for_each(|(method, code, count)| {
                    let labels = [
                        ("dialect", route.dialect),
                        ("route", route.template.as_str()),
                        ("method", method),
                        ("code", code),
                    ];
                    to.count(&labels, count)
                })
            })
        })?;
        let help = "from the head of a request to the last byte of its answer";
        out.histogram("amps_request_duration", help, |to| {
            rows().try_for_each(|(route, counters)| {
                let labels = [("dialect", route.dialect), ("route", route.template.as_str())];
                to.durations(&labels, &counters.durations.look())
            })
        })?;
        let help = "bytes of bodies of answers that were sent";
        out.counter("amps_response_body", help, Some(&Unit::Bytes), |to| {
            rows().try_for_each(|(route, counters)| {
                let labels = [("dialect", route.dialect), ("route", route.template.as_str())];
                to.count(&labels, counters.body_bytes.value())
            })
        })?;
        out.gauge("amps_requests_in_progress", "requests that have begun and not ended", None, |to| {
            let listeners = &mut self.metrics.listeners.iter();
            listeners.try_for_each(|listener| {
                to.level(&[("listener", listener.name)], count_of(listener.running()))
            })
        })
    }

    fn connections(&self, out: &mut Families<'_>) -> fmt::Result {
        let rows = || {
            let listeners = self.metrics.listeners.iter();
            listeners.map(|listener| ([("listener", listener.name)], &listener.connections))
        };
        out.gauge("amps_connections", "connections that there are", None, |to| {
            rows().try_for_each(|(labels, connections)| {
                // In this order, so that there are never fewer than none.
                let ended = connections.ended.value();
                to.level(&labels, connections.opened.value().saturating_sub(ended))
            })
        })?;
        out.counter("amps_connections_opened", "connections that were taken in", None, |to| {
            rows().try_for_each(|(labels, connections)| to.count(&labels, connections.opened.value()))
        })?;
        let help = "connections of clients that had too many already";
        out.counter("amps_connections_turned_away", help, None, |to| {
            rows().try_for_each(|(labels, connections)| to.count(&labels, connections.turned_away.value()))
        })?;
        let help = "connections that the server has closed because they were not worth keeping";
        out.counter("amps_connections_closed", help, None, |to| {
            rows().try_for_each(|([listener], connections)| {
                let mut reasons = connections.closed_for();
                reasons.try_for_each(|(reason, count)| to.count(&[listener, ("reason", reason)], count))
            })
        })?;
        let help = "bytes that have come over connections, half a second late";
        out.counter("amps_network_received", help, Some(&Unit::Bytes), |to| {
            rows().try_for_each(|(labels, connections)| to.count(&labels, connections.received_bytes.value()))
        })?;
        let help = "bytes that have gone over connections, half a second late";
        out.counter("amps_network_sent", help, Some(&Unit::Bytes), |to| {
            rows().try_for_each(|(labels, connections)| to.count(&labels, connections.sent_bytes.value()))
        })
    }

    fn uploads(&self, out: &mut Families<'_>) -> fmt::Result {
        let events = &self.metrics.events;
        out.counter("amps_uploads", "packages that were taken in or refused", None, |to| {
            events.uploads().into_iter().try_for_each(|((origin, verdict), count)| {
                to.count(&[("origin", origin), ("verdict", verdict)], count)
            })
        })?;
        let help = "bytes of packages that were read to verify them";
        out.counter("amps_upload_read", help, Some(&Unit::Bytes), |to| {
            to.plain(events.upload_bytes.value())
        })?;
        let help = "from the first byte of a package to the last that was read, with waiting for them";
        out.histogram("amps_upload_duration", help, |to| {
            let labels: [(&str, &str); 0] = [];
            to.durations(&labels, &events.upload_durations.look())
        })?;
        out.counter("amps_packages_removed", "packages that were removed", None, |to| {
            let mut removed = events.removed().into_iter();
            removed.try_for_each(|(origin, count)| to.count(&[("origin", origin)], count))
        })
    }

    fn caches(&self, out: &mut Families<'_>) -> fmt::Result {
        let store = self.metrics.store.counts();
        out.counter("amps_signatures", "signatures for downloads, made or kept from before", None, |to| {
            to.count(&[("source", "made")], store.signatures.misses)?;
            to.count(&[("source", "kept")], store.signatures.hits)
        })?;
        let own = self.metrics.caches.iter().map(|(name, counter)| (*name, counter.counts()));
        let of_store = [("open-blobs", store.open_blobs), ("recipes", store.recipes)];
        let all: Vec<(&str, CacheCounts)> = own.chain(of_store).collect();
        out.counter("amps_cache_hits", "look-ups of what was kept", None, |to| {
            all.iter().try_for_each(|(name, counts)| to.count(&[("cache", *name)], counts.hits))
        })?;
        out.counter("amps_cache_misses", "what had to be made or read anew", None, |to| {
            all.iter().try_for_each(|(name, counts)| to.count(&[("cache", *name)], counts.misses))
        })
    }

    fn logins(&self, out: &mut Families<'_>) -> fmt::Result {
        out.counter("amps_logins", "attempts to log in", None, |to| {
            let Some(login) = &self.metrics.logins else { return Ok(()) };
            let counts = login.counts();
            let results = [
                ("succeeded", counts.succeeded),
                ("failed", counts.failed),
                ("disabled", counts.disabled),
                ("slowed", counts.slowed),
            ];
            results.into_iter().try_for_each(|(result, count)| to.count(&[("result", result)], count))
        })
    }

    fn sizes(&self, out: &mut Families<'_>) -> fmt::Result {
        let Gauges { catalog, database_bytes, disk } = &self.gauges;
        let catalog = catalog.as_ref();
        let bytes = || Some(&Unit::Bytes);
        let help = "whether the sizes of catalog and disk could be had in time";
        out.maybe("amps_sizes_complete", help, None, Some(self.gauges.is_complete().into()))?;
        let help = "grows with every change of the catalog";
        out.maybe("amps_catalog_generation", help, None, catalog.map(|size| size.generation))?;
        let releases = catalog.map(|size| count_of(size.releases));
        out.maybe("amps_catalog_releases", "releases", None, releases)?;
        let packages = catalog.map(|size| count_of(size.packages));
        out.maybe("amps_catalog_packages", "packages: pairs of id and architecture", None, packages)?;
        let blobs = catalog.map(|size| count_of(size.blobs));
        out.maybe("amps_catalog_blobs", "files of packages and icons that releases have", None, blobs)?;
        let help = "bytes of these files";
        out.maybe("amps_catalog_blob", help, bytes(), catalog.map(|size| size.blob_bytes))?;
        out.maybe("amps_catalog_database", "bytes of catalog.db and its log", bytes(), *database_bytes)?;
        let help = "bytes that the server may still write to the disk of the data directory";
        out.maybe("amps_disk_free", help, bytes(), disk.map(|disk| disk.free_bytes))?;
        let help = "bytes of the disk of the data directory";
        out.maybe("amps_disk_size", help, bytes(), disk.map(|disk| disk.size_bytes))?;
        let help = "files that may still be made there";
        out.maybe("amps_disk_free_inodes", help, None, disk.map(|disk| disk.free_files))?;
        let help = "files that there may be; 0 where there is no such bound";
        out.maybe("amps_disk_inodes", help, None, disk.map(|disk| disk.files))
    }

    fn state(&self, out: &mut Families<'_>) -> fmt::Result {
        out.gauge("amps_ready", "whether a check of /readyz is content", None, |to| {
            let mut checks = self.checks.iter();
            checks.try_for_each(|check| to.level(&[("check", check.name)], check.problem.is_none().into()))
        })?;
        let mut expiries: Vec<_> = self.metrics.expiries.iter().flat_map(|all| all()).collect();
        // The same certificate may be named by two files.
        expiries.sort_unstable();
        expiries
            .dedup_by(|a, b| (a.role, &a.subject, &a.fingerprint) == (b.role, &b.subject, &b.fingerprint));
        let now = self.metrics.clock.now().0;
        let help = "seconds until a certificate or a revocation list ends; negative when it has";
        out.gauge("amps_certificate_expires_in", help, Some(&Unit::Seconds), |to| {
            expiries.iter().try_for_each(|expiry| {
                let labels = [
                    ("role", expiry.role),
                    ("subject", expiry.subject.as_str()),
                    ("fingerprint", expiry.fingerprint.as_str()),
                ];
                let left = i64::try_from(expiry.ends).unwrap_or(i64::MAX).saturating_sub(now);
                to.0.encode_family(&labels)?.encode_gauge(&left)
            })
        })?;
        out.info("amps_build", "the version of amps", &[("version", env!("CARGO_PKG_VERSION"))])?;
        let help = "when the server was started, in seconds since 1970";
        out.gauge("process_start_time", help, Some(&Unit::Seconds), |to| {
            to.0.encode_gauge(&self.metrics.started.0)
        })
    }
}

/// What the process takes, under the names that all programs have for it.
fn process(out: &mut Families<'_>) -> fmt::Result {
    let process = Process::now();
    out.counter("process_cpu", "processor time", Some(&Unit::Seconds), |to| {
        to.0.encode_counter::<NoLabelSet, f64, f64>(&process.cpu.as_secs_f64(), None)
    })?;
    let help = "memory that is in use";
    out.maybe("process_resident_memory", help, Some(&Unit::Bytes), process.resident_bytes)?;
    out.maybe("process_threads", "threads", None, process.threads)?;
    out.maybe("process_open_fds", "file descriptors that are open", None, process.open_files.map(count_of))?;
    out.maybe("process_max_fds", "file descriptors that may be open", None, process.most_files)
}

fn count_of(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
