using JasperFx;
using Notify.Access;
using Notify.Host;
using Notify.Host.Operating;
using Notify.Host.Postgres;
using Notify.Operation.Keys;
using Notify.Operation.Rebuild;

try
{
    var builder = WebApplication.CreateBuilder(
        new WebApplicationOptions { Args = Settings.WithoutOptions(args), ContentRootPath = Settings.ContentRoot(args) });
    builder.AddNotifySettings(args);
    if (KeysCommand.IsOfFile(args)) return KeysCommand.RunOnFile(Storage.KeyOf(builder.Configuration), args);
    await using var postgres = await builder.StartPostgresIfNoneGivenAsync(args);
    var app = builder.BuildNotify();

    if (Settings.NamesCommand(args))
    {
        await using (app)
        {
            return RebuildCommand.IsNamed(args) ? await RebuildCommand.RunAsync(app, args)
                : KeysCommand.IsNamed(args) ? await KeysCommand.RemoveAsync(app, args)
                : ResetCommand.IsNamed(args) ? await ResetCommand.RunAsync(app, args)
                : await app.RunJasperFxCommands(args);
        }
    }

    await app.RunToItsEndAsync();
    return 0;
}
catch (Exception e) when (StartFault.TextOf(e) is { } text)
{
    Console.Error.WriteLine(text);
    return 1;
}
