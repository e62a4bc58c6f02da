//! What a client may spend, and what things cost.

/// What a client may spend, and what things cost: names in `amps-config.yaml` end in `Credit` (docs/package-server.md, "One client").
///
/// The defaults charge for what changes something or costs a core: one client may begin with 500 uploads or 1,000 logins, and go on with 5
/// or 10 per second. Reading is free, because a whole fleet may have one address, and what reading takes is
/// bounded for all together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditLimits {
    /// What a client has at first, and at most. Default 10,000. What costs more costs this.
    pub most: u32,
    /// What is added each second. Default 100; 0: nobody pays for anything.
    pub per_second: u32,
    /// What a list, an icon, or a greeting costs. Default 0.
    pub list: u32,
    /// What a download costs, and a purchase. Default 0.
    pub download: u32,
    /// What each mebibyte of a download costs, besides. Default 0. It is paid while it is sent, so a client can owe as much
    /// as it may have.
    pub mebibyte: u32,
    /// What a download costs, besides, if the store signs. Default 0.
    pub signature: u32,
    /// What an upload costs, whatever becomes of it. Default 20.
    pub upload: u32,
    /// What a removal costs. Default 10.
    pub removal: u32,
    /// What a login costs, whether it succeeds or not. Default 10.
    pub login: u32,
}

impl Default for CreditLimits {
    fn default() -> Self {
        Self {
            most: 10_000,
            per_second: 100,
            list: 0,
            download: 0,
            mebibyte: 0,
            signature: 0,
            upload: 20,
            removal: 10,
            login: 10,
        }
    }
}

impl CreditLimits {
    /// The same, but all for free if credits never grow.
    pub(super) fn free_if_unlimited(&self) -> Self {
        if self.per_second > 0 {
            return *self;
        }
        let (most, per_second) = (self.most, self.per_second);
        Self {
            list: 0,
            download: 0,
            mebibyte: 0,
            signature: 0,
            upload: 0,
            removal: 0,
            login: 0,
            most,
            per_second,
        }
    }
}
