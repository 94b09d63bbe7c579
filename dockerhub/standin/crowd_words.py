"""Names, words and numbers of a crowd of small publishers, drawn from one seed."""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import NamedTuple

_CALLED_TEXT = (
    "alex anna ben bob carl chris dan dave david emma eric eva felix frank georg hana hugo igor "
    "ivan jack jan jane jim joe john jose juan julia kai karl kate ken kim lars lee leo li lin "
    "lisa lucas luis maria mark martin max mia mike min nick nina omar oscar pablo paul peter "
    "raj ravi rob sam sara sergey simon sofia steve tim tom victor wang wei will xin yan yuki "
    "zhang zoe"
)
_CALLED = _CALLED_TEXT.split()
_HANDLE_TEXT = (
    "alpha apex atlas beta bit blue byte cat cloud code core cyber dark data deep delta dev "
    "digital dragon edge fast fire fox free ghost go green hack hub ice iron lab lambda light "
    "linux logic lunar mega meta micro mini moon neo nerd net nova ocean open orbit panda pixel "
    "pro quant red river rock root sky smart soft solar star stone storm sun super swift tech "
    "tiger tiny ultra unix wave web wild wolf zen zero"
)
_HANDLE = _HANDLE_TEXT.split()
_MADE_OF_TEXT = (
    "ba be bo da de do fa fi ga go ha he jo ka ki ko la le li lo ma me mi mo na ne no pa pe po "
    "ra re ri ro sa se si so ta te ti to va ve vi vo wa we xa xi ya yo za ze zo"
)
_MADE_OF = _MADE_OF_TEXT.split()
_THINGS_TEXT = (
    "nginx app test hello world api web backend frontend server python node redis service demo "
    "base java ubuntu docker spring mysql client postgres bot website django alpine flask php "
    "data worker proxy build debian tools image ui monitor auth react db project gateway "
    "jenkins user admin cli kafka mongo operator sample go simple runner wordpress agent "
    "exporter blog ci model golang site cloud dev microservice db-backup collector tomcat "
    "controller portal scheduler store tensorflow example shop engine jupyter mqtt order "
    "payment notify crawler scraper home assistant game minecraft builder sync backup consumer "
    "producer task todo lab exam homework training course vote catalog cart logger metrics "
    "grafana prometheus elastic search kibana rabbit celery scala spark hadoop hive airflow "
    "vault consul etcd traefik haproxy ssh vpn dns ftp mail chat video audio stream camera "
    "sensor robot drone map geo weather stock bank wallet token coin chain miner rust ruby "
    "rails laravel symfony magento drupal joomla ghost strapi gitlab gitea sonar nexus harbor "
    "registry helm kube kubernetes k8s istio envoy argo flux"
)
_THINGS = _THINGS_TEXT.split()
_SAID_TEXT = (
    "a the for and of with docker image container based on in to from simple my server using "
    "app alpine latest build an application python api node web linux this test ubuntu nginx "
    "service java running version base project run database php small client tool example "
    "development support automated official custom multi arch lightweight tools data kubernetes "
    "microservice debian light minimal redis spring boot demo environment production ready easy "
    "deploy"
)
_SAID = _SAID_TEXT.split()
_EMPTY_DESCRIPTIONS = 0.6
_LARGEST_NAMESPACE = 400


class Person(NamedTuple):
    """One repository of the crowd."""

    namespace: str
    name: str
    description: str
    pull_count: int
    tag_count: int


class _Zipf:
    """Draws words, the first ones far more often than the last."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._weights = list(accumulate(1 / (place + 3) for place in range(len(words))))

    def draw(self, chance: Random) -> str:
        return chance.choices(self._words, cum_weights=self._weights)[0]


_THING, _WORD = _Zipf(_THINGS), _Zipf(_SAID)


def draw_crowd(repositories: int, seed: int) -> list[Person]:
    """Return so many repositories, the same for the same *seed*, namespace by namespace.

    Half of the namespaces have one repository and few have hundreds; six of ten repositories have
    no description; pulls go from none to millions.
    """
    chance = Random(f"crowd {seed}")
    namespaces: set[str] = set()
    crowd: list[Person] = []
    while len(crowd) < repositories:
        namespace = _namespace(chance)
        if namespace in namespaces:
            continue
        namespaces.add(namespace)
        size = min(int(chance.paretovariate(1.15)), _LARGEST_NAMESPACE, repositories - len(crowd))
        names: dict[str, None] = {}
        while len(names) < size:
            names.setdefault(_name(chance, namespace))
        crowd += [_person(chance, namespace, name) for name in names]
    return crowd


def _namespace(chance: Random) -> str:
    """Return the name of an account: small letters and digits, four at least, no separators."""
    kind = chance.random()
    if kind < 0.45:
        name = chance.choice(_CALLED) + _surname(chance)
    elif kind < 0.7:
        name = chance.choice(_HANDLE) + chance.choice(_HANDLE)
    elif kind < 0.75:
        name = _THING.draw(chance).replace("-", "")
    else:
        name = "".join(chance.choices(_MADE_OF, k=chance.randint(2, 5)))
    if len(name) < 4 or chance.random() < 0.45:
        name += str(chance.choice((chance.randint(1, 99), chance.randint(100, 9999))))
    return name if len(name) >= 4 else f"{name}{chance.randint(1000, 9999)}"


def _surname(chance: Random) -> str:
    return "".join(chance.choices(_MADE_OF, k=chance.randint(1, 3)))


def _name(chance: Random, namespace: str) -> str:
    kind = chance.random()
    parts = [_THING.draw(chance)]
    if kind < 0.35:
        parts.append(_THING.draw(chance))
    elif kind < 0.45:
        parts.insert(0, namespace)
    elif kind < 0.65:
        parts = ["".join(chance.choices(_MADE_OF, k=chance.randint(2, 4)))]
    elif kind < 0.75:
        parts.append(str(chance.randint(1, 20)))
    elif kind < 0.8:
        parts += [_THING.draw(chance), _THING.draw(chance)]
    # One word alone is what most would take: the next one is called otherwise.
    if chance.random() < 0.15:
        parts.append(chance.choice(("v2", "dev", "prod", "test", "new", "old")))
    return chance.choices(("-", "_", ".", ""), (75, 14, 3, 8))[0].join(parts)


def _person(chance: Random, namespace: str, name: str) -> Person:
    words = ""
    if chance.random() >= _EMPTY_DESCRIPTIONS:
        drawn = [_WORD.draw(chance) for _ in range(chance.randint(2, 8))]
        words = " ".join([*drawn, name])[:100]
    pulls = int(chance.lognormvariate(4.0, 2.2))
    return Person(namespace, name, words, pulls, chance.choice((1, 1, 1, 2, 3, 5)))
