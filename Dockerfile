# MACE for production: web, worker and beat are one image with different commands (see docker-compose.yml).

# The front end is built with Node out of a wheel; what it makes is all that is kept of this stage.
FROM python:3.11-slim AS assets
WORKDIR /app
COPY requirements/uv.txt requirements/demo.txt requirements/
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements/uv.txt \
 && uv pip install --system --no-cache --require-hashes -r requirements/demo.txt
COPY frontend frontend
RUN MACE_VAR=/app/var python frontend/build.py

FROM python:3.11-slim
# WeasyPrint draws the text of PDFs with Pango; a font must be there to draw with.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin mace
WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=mace.settings.production \
    MACE_VAR=/app/var
COPY requirements/uv.txt requirements/base.txt requirements/
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements/uv.txt \
 && uv pip install --system --no-cache --require-hashes -r requirements/base.txt \
 && pip uninstall --yes uv
COPY manage.py ./
COPY mace mace
COPY referrals referrals
COPY volt volt
COPY panels panels
COPY dashboards dashboards
COPY templates templates
COPY static static
COPY --from=assets /app/var/assets var/assets
# Collecting files needs settings but neither servers nor the installation's secrets: these exist for this one command.
RUN MACE_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    MACE_SEAT_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
    MACE_FILES_KEY="$(python -c 'import secrets; print(secrets.token_hex(32))')" \
    MACE_ALLOWED_HOSTS=localhost \
    MACE_BASE_URL=https://localhost \
    MACE_MAIL_URL=smtp://localhost \
    DATABASE_URL=postgresql://mace_web@localhost/mace \
    REDIS_URL=redis://localhost/0 \
    python manage.py collectstatic --no-input --verbosity 0 \
 && mkdir -p var/files var/beat \
 && chown -R mace:mace var/files var/beat
USER mace
EXPOSE 8000
CMD ["gunicorn", "--preload", "--worker-class", "gthread", "--workers", "2", "--threads", "2", \
     "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "mace.wsgi"]
