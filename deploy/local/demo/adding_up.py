"""Whether the community adds up: keys are unique and name somebody, and nobody does what the API would refuse."""

from collections.abc import Iterable, Iterator, Mapping

from deploy.local.demo.seeds import Community, SeedAnswers, SeedOrganisation, SeedSurvey
from services.profiles.surveys.domain import SCALE


def problems_of(community: Community) -> Iterator[str]:
    """Yield a sentence for each thing that does not add up."""
    known = {one.key: one for one in community.organisations}
    yield from (f"the key {key} names two organisations" for key in _twice(one.key for one in community.organisations))
    yield from (f"the name {name} is used twice" for name in _twice(one.name for one in community.organisations))
    for one in community.organisations:
        yield from _of_organisation(one)
    yield from _of_ideas(community, known)
    yield from _of_responses(community, known)
    for survey in community.surveys:
        yield from _of_survey(survey, known)
    for gathering in community.gatherings:
        yield from (f"{key} shall come to {gathering.key}" for key in gathering.attended_by if key not in known)


def _of_organisation(one: SeedOrganisation) -> Iterator[str]:
    keys = [*(entry.key for entry in (*one.needs, *one.offers)), *(flow.key for flow in one.flows)]
    yield from (f"{one.key} has two entries {key}" for key in _twice(keys))
    yield from (
        f"{one.key} consents for {name} without being in it" for name in one.consents if name not in one.clusters
    )


def _of_ideas(community: Community, known: Mapping[str, SeedOrganisation]) -> Iterator[str]:
    yield from (f"the key {key} names two ideas" for key in _twice(idea.key for idea in community.ideas))
    for idea in community.ideas:
        if idea.organisation not in known:
            yield f"the idea {idea.key} belongs to {idea.organisation}, that is to nobody"


def _of_responses(community: Community, known: Mapping[str, SeedOrganisation]) -> Iterator[str]:
    ideas = {idea.key: idea for idea in community.ideas}
    yield from (f"{key} has two responses" for key in _twice(response.idea for response in community.responses))
    for response in community.responses:
        idea = ideas.get(response.idea)
        if idea is None:
            yield f"somebody responds to {response.idea}, which nobody has posted"
            continue
        yield from (f"{idea.key} is answered by {key}" for key in response.named if key not in known)
        if idea.organisation in {*response.joined_by, *response.followed_by}:
            yield f"{idea.organisation} would join its own {idea.key}"
        if idea.visibility == "clusters" and idea.organisation in known:
            clusters = set(known[idea.organisation].clusters)
            hidden = [key for key in response.named if key in known and not clusters & set(known[key].clusters)]
            yield from (f"{key} does not see {idea.key}" for key in hidden)


def _of_survey(survey: SeedSurvey, known: Mapping[str, SeedOrganisation]) -> Iterator[str]:
    yield from (f"{survey.key} asks {key} twice" for key in _twice(one.key for one in survey.questions))
    yield from (f"{key} answers {survey.key} twice" for key in _twice(one.by for one in survey.answers))
    for answers in survey.answers:
        who = f"{answers.by}, who answers {survey.key},"
        if answers.by not in known or survey.cluster not in known[answers.by].clusters or not survey.opened:
            yield f"{who} was not asked"
        yield from (f"{who} {problem}" for problem in _of_answers(answers, survey))


def _of_answers(answers: SeedAnswers, survey: SeedSurvey) -> Iterator[str]:
    questions = {one.key: one for one in survey.questions}
    for key, said in answers.says.items():
        question = questions.get(key)
        if question is None:
            yield f"answers {key}, which nobody asked"
        elif question.kind == "scale" and said not in range(1, SCALE + 1):
            yield f"says {said} to {key}"
        elif question.kind in {"choice", "several"}:
            chosen = said if isinstance(said, tuple) else (said,)
            yield from (f"chooses {one} for {key}" for one in chosen if one not in question.choices)
    if answers.finished:
        yield from (f"leaves out {one.key}" for one in survey.questions if one.required and one.key not in answers.says)
    wanted = questions.get(answers.need_from or "")
    if answers.need_from and not (answers.finished and wanted and wanted.kind == "text" and wanted.key in answers.says):
        yield f"said nothing to {answers.need_from} that could become a need"


def _twice(keys: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            yield key
        seen.add(key)
