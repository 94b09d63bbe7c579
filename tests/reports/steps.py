"""Build steps in the forms that builders write, and the lines of a Dockerfile that they stand for.

The texts are invented; the forms are those of real histories.
"""

from __future__ import annotations

SUM = "0123456789abcdef" * 4

LINUX = {
    # The classic builder, as a config has it and as Docker Hub shows it.
    "classic CMD": (
        '/bin/sh -c #(nop)  CMD ["nginx" "-g" "daemon off;"]',
        'CMD ["nginx", "-g", "daemon off;"]',
    ),
    "classic CMD of Hub": (' CMD ["/bin/sh"]', 'CMD ["/bin/sh"]'),
    "classic CMD of one space": ('/bin/sh -c #(nop) CMD ["bash"]', 'CMD ["bash"]'),
    "classic CMD for the shell": (
        '/bin/sh -c #(nop)  CMD ["/bin/sh" "-c" "exec run --all"]',
        "CMD exec run --all",
    ),
    "classic CMD of Docker 1.10": ('/bin/sh -c #(nop)  CMD &{["bash"]}', 'CMD ["bash"]'),
    "classic CMD without quotes": ("/bin/sh -c #(nop) CMD [/bin/sh -c run me]", "CMD run me"),
    "classic empty CMD": ("/bin/sh -c #(nop)  CMD []", "CMD []"),
    "classic ENTRYPOINT": (
        '/bin/sh -c #(nop)  ENTRYPOINT ["/entry.sh"]',
        'ENTRYPOINT ["/entry.sh"]',
    ),
    "classic RUN": ("/bin/sh -c apt-get update", "RUN apt-get update"),
    "classic RUN with arguments": ("|1 VERSION=1.2 /bin/sh -c make VERSION", "RUN make VERSION"),
    "classic RUN of a list": ("/bin/bash -c make all", 'RUN ["/bin/bash", "-c", "make all"]'),
    "classic ADD": (f"/bin/sh -c #(nop) ADD file:{SUM} in / ", f"ADD file:{SUM} /"),
    "classic ADD of Hub": (f"ADD file:{SUM} in / ", f"ADD file:{SUM} /"),
    "classic ADD of an address": (
        f"/bin/sh -c #(nop) ADD {SUM} in /usr/bin/x ",
        f"ADD {SUM} /usr/bin/x",
    ),
    "classic COPY of several": (
        f"/bin/sh -c #(nop) COPY multi:{SUM} in /srv/ ",
        f"COPY multi:{SUM} /srv/",
    ),
    "classic COPY with an owner": (
        f"/bin/sh -c #(nop) COPY --chown=app:app dir:{SUM} in /my app ",
        f"COPY --chown=app:app dir:{SUM} /my app",
    ),
    "classic ENV": ("/bin/sh -c #(nop)  ENV LANG=C.UTF-8", "ENV LANG=C.UTF-8"),
    "classic ENV of two": (
        "/bin/sh -c #(nop)  ENV A=1 B=two words",
        'ENV A=1 \\\n    B="two words"',
    ),
    "classic EXPOSE": ("/bin/sh -c #(nop)  EXPOSE 443/tcp 53/udp", "EXPOSE 443 53/udp"),
    "classic EXPOSE of the first years": ("/bin/sh -c #(nop) EXPOSE map[80/tcp:{}]", "EXPOSE 80"),
    "classic EXPOSE of a range": ("/bin/sh -c #(nop)  EXPOSE 8000-8010", "EXPOSE 8000-8010"),
    "classic LABEL": (
        "/bin/sh -c #(nop)  LABEL maintainer=Jo <jo@x>",
        'LABEL maintainer="Jo <jo@x>"',
    ),
    "classic MAINTAINER": ('/bin/sh -c #(nop)  MAINTAINER Jo "jo@x"', 'MAINTAINER Jo "jo@x"'),
    "classic USER": ("/bin/sh -c #(nop)  USER app", "USER app"),
    "classic WORKDIR": ("/bin/sh -c #(nop) WORKDIR /srv", "WORKDIR /srv"),
    "classic VOLUME": (
        "/bin/sh -c #(nop)  VOLUME [/data /var/lib]",
        'VOLUME ["/data", "/var/lib"]',
    ),
    "classic STOPSIGNAL": ("/bin/sh -c #(nop)  STOPSIGNAL SIGQUIT", "STOPSIGNAL SIGQUIT"),
    "classic STOPSIGNAL of Docker 1.9": (
        "/bin/sh -c #(nop) STOPSIGNAL [SIGTERM]",
        "STOPSIGNAL SIGTERM",
    ),
    "classic ONBUILD": ("/bin/sh -c #(nop)  ONBUILD COPY . /app", "ONBUILD COPY . /app"),
    "classic ONBUILD in brackets": ("/bin/sh -c #(nop) ONBUILD [RUN make]", "ONBUILD RUN make"),
    "classic ARG": ("/bin/sh -c #(nop)  ARG VERSION=1.2", "ARG VERSION=1.2"),
    "classic SHELL": (
        "/bin/sh -c #(nop)  SHELL [/bin/bash -o pipefail -c]",
        'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
    ),
    "classic HEALTHCHECK": (
        (
            '/bin/sh -c #(nop)  HEALTHCHECK &{["CMD-SHELL" "ask localhost || exit 1"] "30s" "1m0s"'
            " \"0s\" '\\x03'}"
        ),
        "HEALTHCHECK --interval=30s --timeout=1m --retries=3 CMD ask localhost || exit 1",
    ),
    "classic HEALTHCHECK of none": (
        '/bin/sh -c #(nop)  HEALTHCHECK &{["NONE"] "0s" "0s" "0s" \'\\x00\'}',
        "HEALTHCHECK NONE",
    ),
    # BuildKit.
    "RUN": ("RUN /bin/sh -c apt-get update # buildkit", "RUN apt-get update"),
    "RUN with two spaces": ("RUN /bin/sh -c  make # buildkit", "RUN make"),
    "RUN with an argument": ("RUN |1 TARGETARCH=amd64 /bin/sh -c make # buildkit", "RUN make"),
    "RUN with arguments of words": (
        "RUN |2 A=x y B= /bin/sh -c make A=1 # buildkit",
        "RUN make A=1",
    ),
    "RUN of a list": ("RUN apk add curl # buildkit", 'RUN ["apk", "add", "curl"]'),
    "RUN of a list with an argument": ("RUN |1 A=b apk add # buildkit", 'RUN ["apk", "add"]'),
    "RUN of a list with a shell": (
        "RUN /bin/bash -euxo pipefail -c make # buildkit",
        'RUN ["/bin/bash", "-euxo", "pipefail", "-c", "make"]',
    ),
    "RUN that looks like a list": (
        "RUN /bin/sh -c [ -e /x ] # buildkit",
        'RUN ["/bin/sh", "-c", "[ -e /x ]"]',
    ),
    "RUN that looks like a flag": (
        "RUN /bin/sh -c --help # buildkit",
        'RUN ["/bin/sh", "-c", "--help"]',
    ),
    "RUN of a heredoc": (
        "RUN /bin/sh -c set -e\nmake\n # buildkit",
        "RUN <<EOF\nset -e\nmake\nEOF",
    ),
    "RUN with a heredoc": (
        "RUN /bin/sh -c cat <<E > /x\nhi\nE # buildkit",
        "RUN cat <<E > /x\nhi\nE",
    ),
    "RUN of a program in a heredoc": ("RUN /dev/pipes/EOF # buildkit", 'RUN ["/dev/pipes/EOF"]'),
    "COPY": ("COPY --chmod=755 start.sh / # buildkit", "COPY --chmod=755 start.sh /"),
    "COPY with a link": (
        "COPY --link --chown=1:1 a b /c/ # buildkit",
        "COPY --link --chown=1:1 a b /c/",
    ),
    "COPY of a heredoc": (
        "COPY <<EOF /etc/x # buildkit",
        "COPY <<EOF /etc/x\n# what it held is not kept in the image\nEOF",
    ),
    "ADD": ("ADD rootfs.tar.gz / # buildkit", "ADD rootfs.tar.gz /"),
    "ADD of an address": (
        "ADD https://example.com/x.tgz /x # buildkit",
        "ADD https://example.com/x.tgz /x",
    ),
    "WORKDIR": ("WORKDIR /opt/app", "WORKDIR /opt/app"),
    "WORKDIR that made a layer": ("WORKDIR /opt/app # buildkit", "WORKDIR /opt/app"),
    "ENV": ('ENV OPTS=-Xmx1g -Dx="y"', 'ENV OPTS="-Xmx1g -Dx=\\"y\\""'),
    "ENV with a dollar": ("ENV A=$HOME", 'ENV A="\\$HOME"'),
    "ENV of several": ("ENV A=1 B=2 C=3", "ENV A=1 \\\n    B=2 \\\n    C=3"),
    "ENV in the old form": ("ENV NAME some value", 'ENV NAME="some value"'),
    "EXPOSE": ("EXPOSE map[443/tcp:{} 53/udp:{}]", "EXPOSE 443 53/udp"),
    "EXPOSE of 2024": ("EXPOSE [443/tcp 80/tcp]", "EXPOSE 443 80"),
    "EXPOSE of a name": ("EXPOSE $PORT", "EXPOSE $PORT"),
    "CMD": ('CMD ["serve" ""]', 'CMD ["serve", ""]'),
    "CMD for the shell": ('CMD ["/bin/sh" "-c" "serve --all"]', "CMD serve --all"),
    "CMD of two lines for the shell": (
        'CMD ["/bin/sh" "-c" "a\\nb"]',
        'CMD ["/bin/sh", "-c", "a\\nb"]',
    ),
    "CMD that looks like a list": (
        'CMD ["/bin/sh" "-c" "[ -e /x ]"]',
        'CMD ["/bin/sh", "-c", "[ -e /x ]"]',
    ),
    "ENTRYPOINT": ('ENTRYPOINT ["/bin/tini" "--"]', 'ENTRYPOINT ["/bin/tini", "--"]'),
    "VOLUME": ("VOLUME [/data]", 'VOLUME ["/data"]'),
    "SHELL": ("SHELL [/bin/bash -eo pipefail -c]", 'SHELL ["/bin/bash", "-eo", "pipefail", "-c"]'),
    "HEALTHCHECK": (
        'HEALTHCHECK &{["CMD" "check" "-q"] "5s" "3s" "1h30m0s" "2s" \'\\n\'}',
        (
            "HEALTHCHECK --interval=5s --timeout=3s --start-period=1h30m --start-interval=2s"
            ' --retries=10 CMD ["check", "-q"]'
        ),
    ),
    "ARG": ("ARG TARGETARCH", "ARG TARGETARCH"),
    "ARG of several": ("ARG A B=two words C=3", 'ARG A \\\n    B="two words" \\\n    C=3'),
    "LABEL of several": ("LABEL a.b/c=x y d-e=z", 'LABEL a.b/c="x y" \\\n    d-e=z'),
    # Others, who keep the line of the Dockerfile.
    "RUN of kaniko": ("RUN apk add --no-cache curl", "RUN apk add --no-cache curl"),
    "RUN of kaniko, mounted": (
        "RUN --mount=type=cache,target=/c make",
        "RUN --mount=type=cache,target=/c make",
    ),
    "CMD of kaniko": ('CMD ["a", "b"]', 'CMD ["a", "b"]'),
    "CMD of kaniko for the shell": ("CMD serve --all", "CMD serve --all"),
    "ENV of kaniko": ('ENV A="b c"', 'ENV A="b c"'),
    "HEALTHCHECK of kaniko": ("HEALTHCHECK CMD check", "HEALTHCHECK CMD check"),
    "VOLUME of kaniko": ("VOLUME /data", "VOLUME /data"),
    # What no Dockerfile says.
    "debuerreotype": (
        "# debian.sh --arch 'amd64' out/ 'bookworm'",
        "# # debian.sh --arch 'amd64' out/ 'bookworm'",
    ),
    "bazel": ("bazel build @base//image", "# bazel build @base//image"),
    "a commit": ("/bin/bash", "# /bin/bash"),
    "an address": ("https://example.com/x", "# https://example.com/x"),
    "two lines": ("crane\nflatten", "# crane\n# flatten"),
    "nothing": ("", "# a step of which nothing is said"),
    "no text": (None, "# a step of which nothing is said"),
    "a keyword alone": ("CMD", "# CMD"),
    "a RUN of nothing": ("RUN |1 A=b # buildkit", "# RUN |1 A=b"),
    "a keyword in small letters": ("run make", "# run make"),
    "a FROM": ("FROM evil", "# FROM evil"),
    "a HEALTHCHECK that is not understood": ("HEALTHCHECK &{what}", "# HEALTHCHECK &{what}"),
    "no shell before the nop": ("echo hi #(nop)  CMD [x]", "# echo hi #(nop)  CMD [x]"),
    # What means harm.
    "a line break in an ENV": ("ENV A=1\nRUN evil", 'ENV A="1 RUN evil"'),
    "a line break in a USER": ("USER x\nRUN evil", "USER x RUN evil"),
    "an escape in a RUN": ("RUN /bin/sh -c echo \x1b[2J\x9b1m # buildkit", "RUN echo  [2J 1m"),
    "a line that is turned": ('CMD ["\u202egnp"]', 'CMD [" gnp"]'),
    "an escape inside quotes": (r'CMD ["\x1b[2J" "\u202e"]', 'CMD ["\\u001b[2J", "\u202e"]'),
    "a line that goes on": ("USER app \\", "USER app"),
    "a RUN that goes on": ("RUN /bin/sh -c make \\\\ \\ # buildkit", "RUN make"),
    "a heredoc that swallows": ("RUN /bin/sh -c cat <<E # buildkit", "RUN <<EOF\ncat <<E\nEOF"),
    "an odd heredoc that swallows": ("COPY <<$X /x # buildkit", "# COPY <<$X /x"),
    "an ONBUILD that swallows": ("ONBUILD RUN <<E", "# ONBUILD RUN <<E"),
    "a comment in a list of labels": ('LABEL a="x" #b', 'LABEL a="x" \\\n    "#b"='),
}

WINDOWS = {
    "RUN": (r"cmd /S /C mkdir C:\app", r"RUN mkdir C:\app"),
    "RUN of BuildKit": (r"RUN cmd /S /C mkdir C:\app # buildkit", r"RUN mkdir C:\app"),
    "RUN of a list": (
        "RUN powershell -Command Get-Item x # buildkit",
        'RUN ["powershell", "-Command", "Get-Item x"]',
    ),
    "WORKDIR": (r"cmd /S /C #(nop) WORKDIR C:\app\ ".strip(), "WORKDIR C:\\app\\"),
    "ENV": (r"cmd /S /C #(nop)  ENV ROOT=C:\my app", r'ENV ROOT="C:\my app"'),
    "COPY": (rf"cmd /S /C #(nop) COPY file:{SUM} in C:\app ", rf"COPY file:{SUM} C:\app"),
    "CMD": (
        r'cmd /S /C #(nop)  CMD ["c:\\windows\\system32\\cmd.exe"]',
        r'CMD ["c:\\windows\\system32\\cmd.exe"]',
    ),
    "CMD for the shell": ('CMD ["cmd" "/S" "/C" "run.cmd"]', "CMD run.cmd"),
    "SHELL": (
        "cmd /S /C #(nop)  SHELL [powershell -Command $ErrorActionPreference = 'Stop';]",
        """SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]""",
    ),
    "the base": ("Apply image 10.0.20348.2340", "# Apply image 10.0.20348.2340"),
}
