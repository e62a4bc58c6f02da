//! How often releases were downloaded, by day, in rows.

use ampkg::PackageId;
use amps_core::{CountedDownloads, DailyDownloads, Day, Sequence};
use rusqlite::{Connection, params};

use crate::{
    columns::Columns,
    error::Fault,
    query::{all, to_row},
};

/// Adds to what was counted on a day, and forgets what is older than another.
pub(crate) fn add(
    connection: &Connection,
    day: Day,
    counted: &[CountedDownloads],
    oldest: Day,
) -> Result<(), Fault> {
    // The days come first in the key: this looks at nothing that stays.
    connection.prepare_cached("DELETE FROM downloads WHERE day < ?1")?.execute([oldest.0])?;
    let sql = "INSERT INTO downloads (day, package_id, sequence, downloads) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT (day, package_id, sequence) DO UPDATE SET downloads = downloads + excluded.downloads";
    let mut statement = connection.prepare_cached(sql)?;
    for CountedDownloads { id, release, downloads } in counted {
        let Some(sequence) = to_row(*release) else { continue };
        let downloads = i64::try_from(*downloads).unwrap_or(i64::MAX);
        statement.execute(params![day.0, id.as_str(), sequence, downloads])?;
    }
    Ok(())
}

/// The downloads of a package from one day to another.
pub(crate) fn of(
    connection: &Connection,
    id: &PackageId,
    first: Day,
    last: Day,
) -> Result<Vec<DailyDownloads>, Fault> {
    // One look for each day: those of a package do not stand together.
    let sql = "WITH RECURSIVE days (day) AS \
            (SELECT ?2 WHERE ?2 <= ?3 UNION ALL SELECT day + 1 FROM days WHERE day < ?3) \
        SELECT downloads.day, sequence, downloads FROM days \
            CROSS JOIN downloads ON downloads.day = days.day AND package_id = ?1 \
        ORDER BY downloads.day, sequence";
    all(connection, sql, params![id.as_str(), first.0, last.0], |row| {
        let columns = &mut Columns::new(row);
        Ok(DailyDownloads {
            day: Day(columns.integer("downloads.day")?),
            release: Sequence(columns.number("downloads.sequence")?),
            downloads: columns.number("downloads.downloads")?,
        })
    })
}
