//! Writing families of metrics, each with its rows.

use std::fmt;

use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeLabelSet, MetricEncoder, NoLabelSet},
    metrics::MetricType,
    registry::Unit,
};

use super::histogram::Durations;

/// Writes families of metrics.
pub(super) struct Families<'a>(pub(super) DescriptorEncoder<'a>);

/// Writes the metrics of one family.
pub(super) struct Rows<'a>(pub(super) MetricEncoder<'a>);

impl Families<'_> {
    fn family(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        kind: MetricType,
        rows: impl FnOnce(&mut Rows<'_>) -> fmt::Result,
    ) -> fmt::Result {
        rows(&mut Rows(self.0.encode_descriptor(name, help, unit, kind)?))
    }

    pub(super) fn counter(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        rows: impl FnOnce(&mut Rows<'_>) -> fmt::Result,
    ) -> fmt::Result {
        self.family(name, help, unit, MetricType::Counter, rows)
    }

    pub(super) fn gauge(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        rows: impl FnOnce(&mut Rows<'_>) -> fmt::Result,
    ) -> fmt::Result {
        self.family(name, help, unit, MetricType::Gauge, rows)
    }

    /// One without labels, if it could be had.
    pub(super) fn maybe(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        value: Option<u64>,
    ) -> fmt::Result {
        self.gauge(name, help, unit, |to| value.map_or(Ok(()), |value| to.plain_level(value)))
    }

    pub(super) fn histogram(
        &mut self,
        name: &str,
        help: &str,
        rows: impl FnOnce(&mut Rows<'_>) -> fmt::Result,
    ) -> fmt::Result {
        self.family(name, help, Some(&Unit::Seconds), MetricType::Histogram, rows)
    }

    pub(super) fn info(&mut self, name: &str, help: &str, labels: &impl EncodeLabelSet) -> fmt::Result {
        self.family(name, help, None, MetricType::Info, |to| to.0.encode_info(labels))
    }
}

impl Rows<'_> {
    pub(super) fn count(&mut self, labels: &impl EncodeLabelSet, count: u64) -> fmt::Result {
        self.0.encode_family(labels)?.encode_counter::<NoLabelSet, u64, u64>(&count, None)
    }

    pub(super) fn plain(&mut self, count: u64) -> fmt::Result {
        self.0.encode_counter::<NoLabelSet, u64, u64>(&count, None)
    }

    pub(super) fn level(&mut self, labels: &impl EncodeLabelSet, level: u64) -> fmt::Result {
        self.0.encode_family(labels)?.encode_gauge(&level)
    }

    pub(super) fn plain_level(&mut self, level: u64) -> fmt::Result {
        self.0.encode_gauge(&level)
    }

    pub(super) fn durations(&mut self, labels: &impl EncodeLabelSet, durations: &Durations) -> fmt::Result {
        let Durations { seconds, count, classes } = durations;
        self.0.encode_family(labels)?.encode_histogram::<NoLabelSet>(*seconds, *count, classes, None)
    }
}
