#![doc = include_str!("../README.md")]

pub mod accounts;
mod audiences;
pub mod audit;
mod blob;
mod blob_folder;
mod blob_reader;
pub mod care;
mod catalog;
mod certificates;
mod checks;
mod clock;
mod counts;
mod create;
mod data_dir;
mod deployment_rules;
mod development_pki;
mod downloads;
mod error;
mod event;
mod examine;
mod inspect;
mod inspect_signatures;
mod kept_ends;
mod model;
mod packages_folder;
mod retention;
mod room;
mod sign_file;
mod signing;
mod stated_tags;
mod store;
#[cfg(test)]
mod test_support;
mod view;

pub use ampkg::{Limits, PackageId};
pub use amps_arch::{Architecture, DeploymentServerToken, PackageServerToken};
pub use amps_pki::{
    HardwareId, Password, SignatureInput, Signer as SigningKey, SignerKeyUsage, SigningCertificates,
    TrustAnchors, VerifyError, verify as verify_signature,
};
pub use amps_splice::Recipe;
pub use amps_tags::{Misfit, PackageVersion, TagList, TagRule};

pub use blob::{Blob, BlobError, BlobStore, StagedBlob, StoredBlob};
pub use blob_folder::FolderBlobStore;
pub use blob_reader::BlobReader;
pub use catalog::{Catalog, CatalogError, Changes, Publication};
pub use certificates::{CertificateError, CertificateFiles, Certificates};
pub use checks::{Check, Verdict, Watch};
pub use clock::{Clock, SystemClock, Timestamp};
pub use counts::{CacheCounter, CacheCounts, Counter, StoreCounts};
pub use create::{CreateOptions, Created, create_package};
pub use data_dir::DataDir;
pub use deployment_rules::{DeploymentRuleError, check_deployment_rules};
pub use development_pki::{DEVELOPMENT_PASSWORD, DevelopmentPkiError, create_development_pki};
pub use downloads::{CountedDownloads, DOWNLOAD_DAYS, DailyDownloads, Day, DownloadCounter};
pub use error::{Error, Refusal, chain};
pub use event::{Event, EventSink, Origin};
pub use examine::{Examination, Verified, examine};
pub use inspect::{ArchitectureFacts, DigestFacts, EntryFacts, FileFacts, HeaderFacts, Inspection, inspect};
pub use inspect_signatures::{CertificateFacts, Coverage, SignatureFacts, SignerFacts};
pub use model::{
    BlobId, BlobRef, Documents, FileStamp, IconRef, LinkState, Release, ReleaseDraft, ReleaseFacts, Sequence,
    Signer,
};
pub use packages_folder::{PackageFile, PackagesFolder};
pub use retention::{
    Because, Hold, Removal, RetentionPlan, RetentionPolicy, Spared, Survivor, plan_retention,
};
pub use room::leave_room;
pub use sign_file::{developer_sign_file, store_sign_file, verify_file};
pub use signing::{SigningError, StoreSigning};
pub use stated_tags::{MalformedTags, StatedTags};
pub use store::{
    Icon, Listing, Package, PackageContents, Parts, Provenance, ReleasesKept, Security, SignedPackage,
    StagedUpload, Store, Upload, UploadResult,
};
pub use view::{Decision, DeploymentDevice, DeviceView, decide, visible};
