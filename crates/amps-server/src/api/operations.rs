//! What the API can do: each operation is entered once, and so gets its route, what it needs, and its place in the document.

use amps_core::accounts::Role;
use axum::{
    handler::Handler,
    routing::{MethodFilter, MethodRouter},
};
use utoipa::{
    __dev::{SchemaReferences, Tags},
    Path,
    openapi::{
        HttpMethod, OpenApi, RefOr, Required, ResponseBuilder,
        path::{Operation, Paths},
        schema::Schema,
        security::SecurityRequirement,
    },
};

use super::{
    Context,
    document::{self, SECURITY},
    responses::problem,
    taken::Taken,
};
use crate::{
    access::{AnonymousAccess, Guarded, Needs, Page, Stated, on},
    rate::{Charge, Rates, charged},
};

/// Where the API is.
pub(super) const PREFIX: &str = "/api/v1";

/// Operations that were entered.
pub(crate) struct Operations {
    rates: Rates,
    pages: Guarded<Context>,
    paths: Paths,
    schemas: Vec<(String, RefOr<Schema>)>,
}

/// What the macro of an operation makes beside it.
pub(super) trait Documented: Path + SchemaReferences + for<'t> Tags<'t> {}

impl<P: Path + SchemaReferences + for<'t> Tags<'t>> Documented for P {}

impl Operations {
    pub(super) fn new(rates: &Rates) -> Self {
        Self { rates: rates.clone(), pages: Guarded::new(), paths: Paths::new(), schemas: Vec::new() }
    }

    /// Enters an operation.
    pub(super) fn add<P: Documented, H: Handler<T, Context>, T: Stated + Taken>(
        self,
        documented: P,
        handler: H,
    ) -> Self {
        self.add_within(documented, handler, |methods| methods)
    }

    /// The same with something around it.
    pub(super) fn add_within<P: Documented, H: Handler<T, Context>, T: Stated + Taken>(
        self,
        documented: P,
        handler: H,
        around: impl FnOnce(MethodRouter<Context>) -> MethodRouter<Context>,
    ) -> Self {
        let charge = self.charge(&method::<P>(), T::NEEDS);
        self.add_for(charge, documented, handler, around)
    }

    /// The same for a price of its own.
    pub(super) fn add_for<P: Documented, H: Handler<T, Context>, T: Stated + Taken>(
        mut self,
        charge: Charge,
        _: P,
        handler: H,
        around: impl FnOnce(MethodRouter<Context>) -> MethodRouter<Context>,
    ) -> Self {
        let (path, method) = (P::path(), method::<P>());
        let page: Page<Context> = on(filter(&method), handler);
        let mut operation = completed(P::operation(), page.needs(), &method, T::BODY);
        operation.tags = Some(P::tags().into_iter().map(str::to_owned).collect());
        self.paths.add_path_operation(&path, vec![method], operation);
        self.pages = self.pages.route(
            &format!("{PREFIX}{path}"),
            page.within(|methods| charged(around(methods), &self.rates, charge)),
        );
        P::schemas(&mut self.schemas);
        self
    }

    /// What a client pays.
    pub(super) fn rates(&self) -> &Rates {
        &self.rates
    }

    /// What an operation costs that has no price of its own: what is asked for as in the dialects. The pieces of an upload were paid for when
    /// it began.
    fn charge(&self, method: &HttpMethod, needs: Needs) -> Charge {
        let costs = &self.rates.costs;
        let uploads = needs == Needs::Role(Role::Upload);
        match method {
            HttpMethod::Get | HttpMethod::Head | HttpMethod::Options => costs.list.into(),
            HttpMethod::Post if uploads => costs.upload.into(),
            _ if uploads => costs.list.into(),
            _ => costs.removal.into(),
        }
    }

    /// The routes, and the document that describes them.
    pub(crate) fn finish(self) -> (Guarded<Context>, OpenApi) {
        (self.pages, document::document(self.paths, self.schemas))
    }
}

/// An operation has one.
fn method<P: Documented>() -> HttpMethod {
    P::methods().into_iter().next().unwrap_or(HttpMethod::Get)
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
        HttpMethod::Get => MethodFilter::GET,
    }
}

/// What all operations have in common goes without saying beside each.
fn completed(
    mut operation: Operation,
    needs: Needs,
    method: &HttpMethod,
    needs_body: Option<Required>,
) -> Operation {
    let changes = !matches!(method, HttpMethod::Get | HttpMethod::Head | HttpMethod::Options);
    let common = [
        Some(("400", "Something in the request is not as documented.")),
        Some(("401", "There is no token, or not one that opens anything.")),
        (needs != Needs::Nothing || changes)
            .then_some(("403", "The token does not allow it, or a page of another origin asks.")),
        Some(("429", "This address asks for too much; `Retry-After` says when to come again.")),
        Some(("500", "The server failed; its log says why.")),
        Some(("503", "The server has too much to do.")),
    ];
    for (status, text) in common.into_iter().flatten() {
        operation.responses.responses.entry(status.into()).or_insert_with(|| problem(text).into());
    }
    if *method == HttpMethod::Get {
        let same = ResponseBuilder::new().description("The client has it already.").build();
        operation.responses.responses.entry("304".into()).or_insert_with(|| same.into());
        let failed = problem("It is not what a condition of the request expects it to be.");
        operation.responses.responses.entry("412".into()).or_insert_with(|| failed.into());
    }
    if *method == HttpMethod::Head {
        // There is no body to describe.
        for answer in operation.responses.responses.values_mut() {
            if let RefOr::T(answer) = answer {
                answer.content.clear();
            }
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = needs_body;
    }
    if let Needs::Role(role) = needs {
        let text = operation.description.unwrap_or_default();
        operation.description = Some(format!("{text}\n\nNeeds the role `{role}`.").trim().to_owned());
        let named = SECURITY.map(|name| SecurityRequirement::new(name, Vec::<String>::new()));
        // Some settings let strangers do what does not need an administrator.
        let stranger = AnonymousAccess::All.allows(needs).then(SecurityRequirement::default);
        operation.security = Some(named.into_iter().chain(stranger).collect());
    }
    operation
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Operations, Rates};
    use crate::{api, limits::ServerLimits};

    fn operations() -> Operations {
        let limits = ServerLimits::default();
        api::operations(&limits, &Rates::new(&limits.credit, &[]), true)
    }

    #[test]
    fn whatever_the_document_refers_to_is_there() {
        let (_, document) = operations().finish();
        let text = document.to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let references = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
        let mut found = 0;
        for reference in references {
            assert!(document.pointer(reference).is_some(), "{reference}");
            found += 1;
        }
        assert!(found > 100, "only {found} references");
    }

    #[test]
    fn no_two_schemas_have_one_name() {
        let mut known = BTreeMap::new();
        for (name, schema) in operations().schemas {
            let text = serde_json::to_string(&schema).unwrap();
            let before = known.insert(name.clone(), text.clone());
            assert!(before.as_ref().is_none_or(|before| *before == text), "{name}: {before:?} and {text}");
        }
        assert!(known.len() > 30, "only {} schemas", known.len());
    }
}
