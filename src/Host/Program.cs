using JasperFx;
using Notify.Host;
using Notify.Host.Operating;
using Notify.Host.Postgres;

try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = Settings.ContentRoot(args) });
    builder.AddNotifySettings();
    await using var postgres = await builder.StartPostgresIfNoneGivenAsync(args);
    var app = builder.BuildNotify();

    // A first argument that is not an option names a command (db-apply, codegen write, …).
    if (args.Length > 0 && !args[0].StartsWith('-'))
    {
        await using (app) return await app.RunJasperFxCommands(args);
    }

    await app.RunToItsEndAsync();
    return 0;
}
catch (Exception e) when (e is EmbeddedPostgresException or StartException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
