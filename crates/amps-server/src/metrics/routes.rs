//! Under which name a path is counted: whatever clients ask for, there are no more names than routes.

use axum::http::Method;

/// A route of a dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) dialect: &'static str,
    /// As the router has it, like `/app/icons/{name}`.
    pub(crate) template: String,
}

impl Route {
    /// Those of a dialect, behind a prefix.
    pub(crate) fn all_of(dialect: &'static str, prefix: &str, templates: &[&str]) -> Vec<Self> {
        templates.iter().map(|template| Self { dialect, template: format!("{prefix}{template}") }).collect()
    }
}

/// What every path is that no route has.
const OTHER: &str = "other";

/// The routes of a listener.
pub(crate) struct Routes(Vec<Route>);

impl Routes {
    /// Those that have no places for names are looked for first, as the router does it.
    ///
    /// What no route has is the listener's `other`: no two listeners may count under the same dialect and template.
    pub(crate) fn new(listener: &'static str, mut routes: Vec<Route>) -> Self {
        routes.sort_by_key(|route| route.template.contains('{'));
        routes.push(Route { dialect: listener, template: OTHER.into() });
        Self(routes)
    }

    /// All of them; the last one stands for every path that has no route.
    pub(super) fn all(&self) -> &[Route] {
        &self.0
    }

    /// Which of them a path has.
    pub(crate) fn position(&self, path: &str) -> usize {
        let last = self.0.len().saturating_sub(1);
        self.0.iter().take(last).position(|route| fits(&route.template, path)).unwrap_or(last)
    }
}

/// Whether a path has a route, as the router sees it: `{name}` is one segment that is not empty, `{*name}` all that is left.
fn fits(template: &str, path: &str) -> bool {
    let Some((exact, rest)) = template.split_once('{') else { return template == path };
    let (Some(given), Some((name, behind))) = (path.strip_prefix(exact), rest.split_once('}')) else {
        return false;
    };
    if name.starts_with('*') {
        return !given.is_empty();
    }
    let end = given.find('/').unwrap_or(given.len());
    let (segment, left) = given.split_at(end);
    !segment.is_empty() && fits(behind, left)
}

/// What methods are counted as; whatever else clients may think of is the last one.
pub(super) const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", OTHER];

/// Which of [`METHODS`] one is.
pub(super) fn method_position(method: &Method) -> usize {
    let last = METHODS.len() - 1;
    METHODS.iter().take(last).position(|name| *name == method.as_str()).unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_fit_as_the_router_sees_them() {
        let templates = ["/a/{name}", "/a/list", "/a/{name}/b/{other}", "/files/{*path}", "/"];
        let routes = Routes::new("l", Route::all_of("d", "", &templates));
        for (path, expected) in [
            ("/a/list", "/a/list"),
            ("/a/lists", "/a/{name}"),
            ("/a/%2F", "/a/{name}"),
            ("/a/", "other"),
            ("/a", "other"),
            ("/a/x/", "other"),
            ("/a/x/b/y", "/a/{name}/b/{other}"),
            ("/a/x/c/y", "other"),
            ("/files/x/y", "/files/{*path}"),
            ("/files/", "other"),
            ("/", "/"),
            ("", "other"),
            ("other", "other"),
            ("*", "other"),
        ] {
            let found = &routes.all()[routes.position(path)];
            assert_eq!(found.template, expected, "{path}");
        }
    }

    #[test]
    fn nothing_but_methods_that_are_known_has_a_name() {
        for (method, expected) in
            [("GET", "GET"), ("OPTIONS", "OPTIONS"), ("get", "other"), ("BREW", "other")]
        {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(METHODS[method_position(&method)], expected);
        }
    }
}
