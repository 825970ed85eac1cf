FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json nest-cli.json ./
COPY libs libs
COPY apps apps
RUN npm run build

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY --from=build /app/dist dist
# The compiler copies code only; the app finds the rest in the folder of its source.
COPY apps/newsletter/data apps/newsletter/data
COPY apps/newsletter/mailings apps/newsletter/mailings
COPY apps/newsletter/public apps/newsletter/public
COPY apps/newsletter/views apps/newsletter/views
# A volume mounted here takes over the owner, so that the app can write to it without being root.
RUN mkdir .data && chown node .data
USER node
# Inside a container, loopback could be reached by nobody.
ENV HOST=0.0.0.0
EXPOSE 3000
CMD ["node", "dist/apps/newsletter/src/main.js"]
