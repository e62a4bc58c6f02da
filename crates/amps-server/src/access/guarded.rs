//! Routes that say what they need.

use axum::{
    Router,
    handler::Handler,
    routing::{self, MethodFilter, MethodRouter},
};

use super::{Denied, Needs, Permit, needs::Statement};

/// A router that takes only pages whose handlers say what they need.
pub(crate) struct Guarded<S> {
    router: Router<S>,
    statements: Vec<(String, Needs)>,
}

/// The methods of one path, and what they need.
pub(crate) struct Page<S> {
    methods: MethodRouter<S>,
    needs: Needs,
}

impl<S: Clone + Send + Sync + 'static> Guarded<S> {
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), statements: Vec::new() }
    }

    /// What has a path already gets the methods of this page, too.
    pub(crate) fn route(mut self, path: &str, page: Page<S>) -> Self {
        self.statements.push((path.to_owned(), page.needs));
        Self { router: self.router.route(path, page.methods), ..self }
    }

    pub(crate) fn into_router(self) -> Router<S> {
        self.router
    }

    /// The paths, and what each needs.
    #[cfg(test)]
    pub(super) fn statements(&self) -> &[(String, Needs)] {
        &self.statements
    }
}

impl<S> Page<S> {
    /// What it needs.
    pub(crate) fn needs(&self) -> Needs {
        self.needs
    }

    /// The same with something around it.
    pub(crate) fn within(self, around: impl FnOnce(MethodRouter<S>) -> MethodRouter<S>) -> Self {
        Self { methods: around(self.methods), ..self }
    }
}

/// A page for a method; for GET, and so for HEAD.
pub(crate) fn on<H: Handler<T, S>, T: Stated, S: Clone + Send + Sync + 'static>(
    method: MethodFilter,
    handler: H,
) -> Page<S> {
    Page { methods: routing::on(method, handler), needs: T::NEEDS }
}

/// A page for GET, and so for HEAD.
pub(crate) fn get<H: Handler<T, S>, T: Stated, S: Clone + Send + Sync + 'static>(handler: H) -> Page<S> {
    Page { methods: routing::get(handler), needs: T::NEEDS }
}

/// A page for GET, HEAD and POST.
pub(crate) fn get_and_post<H: Handler<T, S>, T: Stated, S: Clone + Send + Sync + 'static>(
    handler: H,
) -> Page<S> {
    Page { methods: routing::get(handler.clone()).post(handler), needs: T::NEEDS }
}

/// A page for POST.
pub(crate) fn post<H: Handler<T, S>, T: Stated, S: Clone + Send + Sync + 'static>(handler: H) -> Page<S> {
    Page { methods: routing::post(handler), needs: T::NEEDS }
}

/// A page for PUT.
pub(crate) fn put<H: Handler<T, S>, T: Stated, S: Clone + Send + Sync + 'static>(handler: H) -> Page<S> {
    Page { methods: routing::put(handler), needs: T::NEEDS }
}

/// The arguments of a handler that begin with a permit, or with the result of asking for one.
pub(crate) trait Stated: 'static {
    const NEEDS: Needs;
}

/// A handler's arguments are a tuple whose first element is axum's own.
macro_rules! stated {
    ($($argument:ident)*) => {
        impl<M: 'static, N: Statement, $($argument: 'static),*> Stated for (M, Permit<N>, $($argument,)*) {
            const NEEDS: Needs = N::NEEDS;
        }

        impl<M: 'static, N: Statement, $($argument: 'static),*> Stated
            for (M, Result<Permit<N>, Denied>, $($argument,)*)
        {
            const NEEDS: Needs = N::NEEDS;
        }
    };
}

stated!();
stated!(A);
stated!(A B);
stated!(A B C);
stated!(A B C D);
stated!(A B C D E);
stated!(A B C D E F);
