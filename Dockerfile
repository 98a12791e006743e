# syntax=docker/dockerfile:1
# The wheel is built in one stage and run in another; nothing of the build stays.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN PIP_CONSTRAINT=constraints.txt pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /wheels /wheels
COPY constraints.txt /wheels/
RUN pip install --no-cache-dir --constraint /wheels/constraints.txt /wheels/*.whl && rm -rf /wheels \
    && useradd --system --uid 10001 --home-dir /data --create-home outreach
USER outreach
WORKDIR /data
ENV OUTREACH_HOME=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
# Ready means: the database answers and has the shape that this version needs.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["outreach"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
