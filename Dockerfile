# Inkcast for the processor, with its small model:
#
#   docker build -t inkcast .
#   docker run --rm -v "$PWD/podcasts:/library" inkcast sync https://example.org/feed.xml
#
# The default engine does not load torch, which is left out: docs/install.md.
FROM python:3.12-slim AS build
WORKDIR /inkcast
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY models/catalog.toml models/
COPY src src
RUN python -m venv /opt/inkcast \
    && /opt/inkcast/bin/pip install --no-cache-dir --constraint constraints.txt \
        --extra-index-url https://download.pytorch.org/whl/cpu ".[embedded]" \
    && /opt/inkcast/bin/pip uninstall --yes torch triton sympy mpmath networkx fsspec

FROM python:3.12-slim
COPY --from=build /opt/inkcast /opt/inkcast
RUN useradd --create-home --uid 1000 inkcast && mkdir /library && chown 1000 /library
USER 1000
WORKDIR /library
ENV PATH=/opt/inkcast/bin:$PATH \
    INKCAST_LIBRARY=/library
VOLUME /library
ENTRYPOINT ["inkcast"]
CMD ["--help"]
