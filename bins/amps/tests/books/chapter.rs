//! A chapter as the steps that it tells its reader to take.
//!
//! | in the chapter | |
//! |---|---|
//! | `<!-- scene: pki signed -->` | what earlier chapters have made: functions of scene.sh |
//! | `<!-- run: stop -->` | something that the text asks for in words |
//! | ```` ```sh ```` | is run, in one shell for the whole chapter |
//! | ```` ```sh background ```` | goes on while the others are run, which wait until it says that it listens |
//! | ```` ```sh not-run: reason ```` | is not run, and stands in the list of those in main.rs |
//! | ```` ```text ```` or ```` ```json ```` | what the commands before it print |
//! | ```` ```yaml ```` that begins with `# FILE.yaml` | is written to that file; commands in any other must stand in the chapter as ones that are run |
//! | `<!-- include: FILE -->`, then ```` ```rust ```` | that file of the repository, as it is |

use std::{fs, path::Path};

use amps_testkit::{Part, parts};

pub(crate) struct Chapter {
    /// The path of its file in docs/books.
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
    /// The reasons of the blocks that are not run.
    pub(crate) not_run: Vec<String>,
}

pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) what: What,
    /// What it prints, if the chapter says so.
    pub(crate) expected: Option<String>,
}

pub(crate) enum What {
    Run(String),
    Background(String),
    Write { file: String, text: String },
}

impl Chapter {
    pub(crate) fn read(root: &Path, file: &Path) -> Self {
        let name = file.strip_prefix(root.join("docs/books")).unwrap().to_str().unwrap().to_owned();
        let mut chapter = Self { name, steps: Vec::new(), not_run: Vec::new() };
        let mut include = None;
        let page = fs::read_to_string(file).unwrap();
        if let Some(line) =
            page.lines().position(|line| line.starts_with(' ') && line.trim_start().starts_with("```"))
        {
            chapter.refuse(line + 1, "a block that is indented would be overlooked");
        }
        for part in parts(&page) {
            match part {
                Part::Comment { line, text } => match text.split_once(": ") {
                    Some(("scene", words)) => chapter.run(line, words.replace(' ', "\n")),
                    Some(("run", command)) => chapter.run(line, command.to_owned()),
                    Some(("include", path)) => include = Some(path.to_owned()),
                    _ => chapter.refuse(line, "this comment is nothing that a chapter may have"),
                },
                Part::Block { line, info, text } => chapter.block(root, line, &info, text, include.take()),
            }
        }
        chapter
    }

    /// Every command that is run, line by line.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &str> {
        let text = |step: &'_ Step| matches!(step.what, What::Run(_) | What::Background(_));
        self.steps.iter().filter(move |step| text(step)).flat_map(|step| match &step.what {
            What::Run(text) | What::Background(text) | What::Write { text, .. } => text.lines(),
        })
    }

    fn run(&mut self, line: usize, text: String) {
        self.steps.push(Step { line, what: What::Run(text), expected: None });
    }

    fn block(&mut self, root: &Path, line: usize, info: &str, text: String, include: Option<String>) {
        match (info.split_once(' ').unwrap_or((info, "")), include) {
            (("sh", ""), None) => self.run(line, text),
            (("sh", "background"), None) => {
                self.steps.push(Step { line, what: What::Background(text), expected: None });
            }
            (("sh", rest), None) => match rest.strip_prefix("not-run: ") {
                Some(reason) => self.not_run.push(reason.to_owned()),
                None => self.refuse(line, &format!("`{rest}`: expected `background` or `not-run: …`")),
            },
            (("text" | "json", ""), None) => match self.steps.last_mut() {
                Some(step @ Step { what: What::Run(_) | What::Background(_), expected: None, .. }) => {
                    step.expected = Some(text);
                }
                _ => self.refuse(line, "there is no command that prints this"),
            },
            (("yaml", ""), None) => self.yaml(line, text),
            (("rust", ""), Some(path)) => {
                let file =
                    fs::read_to_string(root.join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
                if file != text {
                    self.refuse(line, &format!("this is not what stands in {path}"));
                }
            }
            (("nginx" | "ini" | "toml", ""), None) => {}
            _ => self.refuse(line, &format!("nothing is known of blocks like `{info}`")),
        }
    }

    fn yaml(&mut self, line: usize, text: String) {
        let first = text.lines().next().and_then(|first| first.strip_prefix("# ")).unwrap_or_default();
        if !first.contains(' ') && Path::new(first).extension().is_some_and(|extension| extension == "yaml") {
            let what = What::Write { file: first.to_owned(), text };
            self.steps.push(Step { line, what, expected: None });
            return;
        }
        for written in text.lines().map(str::trim) {
            let command = written.trim_start_matches("- ").trim_start_matches("run: ");
            let is_command =
                ["amps", "curl "].iter().any(|word| command.starts_with(word)) && !command.ends_with(':');
            if is_command && !self.commands().any(|run| run.trim() == command) {
                self.refuse(line, &format!("no block of this chapter runs `{command}`"));
            }
        }
    }

    fn refuse(&self, line: usize, why: &str) -> ! {
        panic!("docs/books/{}:{line}: {why}", self.name);
    }
}
