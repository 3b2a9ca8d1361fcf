using System.Text.Json.Nodes;
using Notify.Kernel;

namespace Notify.Channels.AccountImport;

/// <summary>Imports the accounts of a service from a file exported by the platform's console.</summary>
public interface IAccountImport
{
    /// <param name="content">Must be seekable.</param>
    /// <exception cref="ProblemException">400: the file cannot be read.</exception>
    AccountSheet Read(string fileName, Stream content);

    /// <summary>Applies the file to the accounts in these settings.</summary>
    /// <returns>The settings with the imported accounts, and the differences; the settings are valid only if there are no errors.</returns>
    (JsonObject Settings, ImportPlan Plan) Apply(JsonObject settings, AccountSheet sheet, ImportMode mode, Errors errors);
}
