# Notify without a database: set ConnectionStrings__Notify. /data holds the keys and must outlive the container.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN build/build.sh

FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY --from=build /source/artifacts/notify /app
RUN mkdir /data && chown app /data
USER app
ENV ASPNETCORE_URLS=http://0.0.0.0:8066 Notify__DataDirectory=/data
VOLUME /data
EXPOSE 8066
ENTRYPOINT ["dotnet", "/app/Notify.Host.dll"]
